//! The components, and their bills of materials.

use crate::command::{cargo, run, step};
use anyhow::{Context, Result, ensure};
use components::PUBLISHED;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds published components into `components` and their bills of materials into `sbom`, and returns all: those in
/// `only`, or every one if that is empty.
///
/// The bills are made by `tools/sbom`, a workspace of its own.
///
/// # Errors
/// When a component does not compile, or the optimiser is not installed: without it the components have other bytes.
pub fn build(workspace: &Path, components: &Path, sbom: &Path, only: &[&str]) -> Result<Vec<PathBuf>> {
    let optimizer = workspace.join("target/tools/node/node_modules/binaryen/bin/wasm-opt");
    ensure!(
        optimizer.is_file(),
        "wasm-opt is not installed, and without it the components have other bytes; run .ci/tools"
    );
    step("components and bills of materials");
    let mut command = cargo();
    command.env(components::WORKSPACE, workspace).current_dir(workspace);
    build_with(&mut command, components, sbom, only)
}

/// As [`build`], with a cargo that has the folder and the variables of its project.
pub(crate) fn build_with(
    cargo: &mut Command,
    components: &Path,
    sbom: &Path,
    only: &[&str],
) -> Result<Vec<PathBuf>> {
    let built = tempfile::tempdir()?;
    cargo.args(["run", "--quiet", "--locked", "--manifest-path", "tools/sbom/Cargo.toml"]);
    cargo.args(["--target-dir", "target/sbom", "--", "--to"]).arg(built.path());
    if !only.is_empty() {
        cargo.arg("--only").args(only);
    }
    run(cargo)?;
    let mut files = Vec::new();
    for published in PUBLISHED.iter().filter(|it| only.is_empty() || only.contains(&it.component)) {
        for (folder, ending) in [(components, "wasm"), (sbom, "cdx.json")] {
            let name = format!("{}.{ending}", published.component);
            fs::create_dir_all(folder)?;
            fs::copy(built.path().join(&name), folder.join(&name)).with_context(|| format!("no {name}"))?;
            files.push(folder.join(name));
        }
    }
    Ok(files)
}
