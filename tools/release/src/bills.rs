//! The components, and their bills of materials.

use crate::command::{cargo, run, step};
use anyhow::{Context, Result, ensure};
use components::PUBLISHED;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the published components into `components` and their bills of materials into `sbom`, and returns all.
///
/// The bills are made by `tools/sbom`, a workspace of its own.
///
/// # Errors
/// When a component does not compile, or the optimiser is not installed: without it the components have other bytes.
pub fn build(workspace: &Path, components: &Path, sbom: &Path) -> Result<Vec<PathBuf>> {
    let optimizer = components::optimize::optimizer();
    ensure!(
        optimizer.is_some(),
        "wasm-opt is not installed, so the components would be larger; run .ci/tools"
    );
    step("components and bills of materials");
    let built = tempfile::tempdir()?;
    let mut command = cargo();
    command.args(["run", "--quiet", "--locked", "--manifest-path", "tools/sbom/Cargo.toml"]);
    command.args(["--target-dir", "target/sbom", "--", "--to"]).arg(built.path());
    run(command.current_dir(workspace))?;
    let mut files = Vec::new();
    for published in PUBLISHED {
        for (folder, ending) in [(components, "wasm"), (sbom, "cdx.json")] {
            let name = format!("{}.{ending}", published.component);
            fs::create_dir_all(folder)?;
            fs::copy(built.path().join(&name), folder.join(&name)).with_context(|| format!("no {name}"))?;
            files.push(folder.join(name));
        }
    }
    Ok(files)
}
