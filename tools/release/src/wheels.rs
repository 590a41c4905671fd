//! The packages for Python, as their build backends make them.

use crate::command::{run, step};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds a wheel of each package of `packages/python` into `to`, which is created if there is one, and returns the wheels.
///
/// # Errors
/// When Python or a build backend is missing or fails.
pub fn pack(workspace: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let Ok(packages) = fs::read_dir(workspace.join("packages/python")) else { return Ok(Vec::new()) };
    let mut packages = packages.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    packages.retain(|package| package.join("pyproject.toml").is_file());
    packages.sort();
    packages.iter().map(|package| pack_one(workspace, package, to)).collect()
}

fn pack_one(workspace: &Path, package: &Path, to: &Path) -> Result<PathBuf> {
    step(&format!("pip wheel {}", package.display()));
    fs::create_dir_all(to)?;
    let built = tempfile::tempdir()?;
    let mut pip = Command::new(workspace.join("target/tools/python/bin/python"));
    pip.args([
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "--wheel-dir",
    ]);
    run(pip.arg(built.path()).arg(package))?;
    let wheel = fs::read_dir(built.path())?.next().context("pip made no wheel")??;
    let path = to.join(wheel.file_name());
    fs::copy(wheel.path(), &path)?;
    Ok(path)
}
