//! The packages for JavaScript, as `npm pack` makes them.

use crate::command::{run, step};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packs each package of `packages/npm` into `to`, which is created if there is one, and returns the tarballs.
///
/// # Errors
/// When `npm` is missing or fails.
pub fn pack(workspace: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let Ok(packages) = fs::read_dir(workspace.join("packages/npm")) else { return Ok(Vec::new()) };
    let mut packages = packages.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    packages.retain(|package| package.join("package.json").is_file());
    packages.sort();
    packages.iter().map(|package| pack_one(package, to)).collect()
}

fn pack_one(package: &Path, to: &Path) -> Result<PathBuf> {
    step(&format!("npm pack {}", package.display()));
    fs::create_dir_all(to)?;
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]).arg(to.canonicalize()?);
    let name = run(npm.current_dir(package))?;
    Ok(to.join(name.trim()))
}
