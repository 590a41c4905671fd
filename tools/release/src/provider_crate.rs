//! The package of `azure-identity-provider`, the crate with the provider's bytes. The repository does not have them, so the
//! package is made of a copy of the crate's folder.

use crate::command::{cargo, run, step};
use crate::sums::sha256;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use walkdir::WalkDir;

/// Packs the crate with the components in the folder `components` into `to`, and returns the package.
///
/// # Errors
/// When a component is missing there, or cargo fails.
pub fn pack(workspace: &Path, components: &Path, to: &Path) -> Result<PathBuf> {
    step("cargo package azure-identity-provider");
    let staged = tempfile::tempdir()?;
    stage(workspace, components, staged.path())?;
    let target = tempfile::tempdir()?;
    let mut command = cargo();
    command.args(["package", "--quiet", "--no-verify", "--locked", "--target-dir"]).arg(target.path());
    run(command.current_dir(&staged))?;
    let name = concat!("azure-identity-provider-", env!("CARGO_PKG_VERSION"), ".crate");
    fs::create_dir_all(to)?;
    fs::copy(target.path().join("package").join(name), to.join(name)).context("cargo made no package")?;
    Ok(to.join(name))
}

/// Copies the crate, and adds the components, their digests and their provenance.
fn stage(workspace: &Path, components: &Path, to: &Path) -> Result<()> {
    let from = workspace.join("hosts/provider");
    for entry in WalkDir::new(&from).into_iter().filter_entry(|entry| entry.file_name() != "target") {
        let entry = entry?;
        let copy = to.join(entry.path().strip_prefix(&from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    let folder = to.join("components");
    fs::create_dir_all(&folder)?;
    let mut digests = Map::new();
    for name in EDITIONS {
        let file = format!("{name}.wasm");
        let bytes = fs::read(components.join(&file)).with_context(|| format!("no {file}"))?;
        let digest = sha256(&bytes);
        fs::write(folder.join(&file), bytes)?;
        fs::write(folder.join(format!("{file}.sha256")), &digest)?;
        digests.insert(file, digest.into());
    }
    let provenance = provenance(workspace, digests)?;
    fs::write(folder.join("provenance.json"), serde_json::to_string_pretty(&provenance)? + "\n")?;
    Ok(())
}

fn provenance(workspace: &Path, digests: Map<String, Value>) -> Result<Value> {
    let commit = run(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(workspace))?;
    let rustc = run(Command::new("rustc").arg("--version").current_dir(workspace))?;
    Ok(json!({ "commit": commit.trim(), "rustc": rustc.trim(), "components": digests }))
}

/// The provider's editions, by the names of their components.
pub const EDITIONS: [&str; 3] =
    ["azure-identity", "azure-identity-0.3", "azure-identity-without-certificates"];
