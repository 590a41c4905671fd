//! The packages for Python: wheels, as their build backends make them.

mod staged;

use crate::command::{run, step};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds a wheel of each package of `packages/python` into `to`, and returns the wheels.
///
/// `components` is a folder with `azure-identity.wasm` and `azure-identity-0.3.wasm`, which the wheels contain. The same
/// components make the same wheels, bit for bit.
///
/// # Errors
/// When a component, a tool of `.ci/python` or a file of a package is missing, or a tool fails.
///
/// ```no_run
/// # use std::path::Path;
/// let (workspace, built) = (Path::new("."), Path::new("target/components"));
/// let wheels = release::wheels::pack(workspace, built, Path::new("target/wheels")).expect("the tools are installed");
/// assert_eq!(wheels.len(), 2);
/// ```
pub fn pack(workspace: &Path, components: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(to)?;
    let folder = tempfile::tempdir()?;
    let mut wheels = Vec::new();
    for package in [staged::guest, staged::host] {
        let source = package(workspace, components, folder.path())?;
        wheels.push(wheel(workspace, &source, to)?);
    }
    Ok(wheels)
}

/// Builds the wheel of a staged package.
fn wheel(workspace: &Path, source: &Path, to: &Path) -> Result<PathBuf> {
    step(&format!("pip wheel {}", source.display()));
    let built = tempfile::tempdir()?;
    let mut pip = Command::new(python(workspace)?);
    // The backend of .ci/python and no other, without a network.
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
    // The date of every file in the wheel: the first one that a zip file can have.
    pip.env("SOURCE_DATE_EPOCH", "315532800").env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    run(pip.arg(built.path()).arg(source))?;
    let wheel = fs::read_dir(built.path())?.next().context("pip made no wheel")??;
    let path = to.join(wheel.file_name());
    fs::copy(wheel.path(), &path)?;
    Ok(path)
}

/// Python with the packages of `.ci/python`.
fn python(workspace: &Path) -> Result<PathBuf> {
    let python = workspace.join("target/tools/python/bin/python");
    ensure!(python.is_file(), "{} is missing; run .ci/tools", python.display());
    Ok(python)
}
