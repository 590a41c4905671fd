//! The packages for npm, as a release has them: they are packed once, and used from there.

use crate::project::{Project, workspace};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// Installs the packages where those of a project's examples are looked for: in `examples/node_modules`.
pub fn install(project: &Project) -> Result<()> {
    for (name, tarball) in packed()? {
        let folder = project.file("examples/node_modules").join(&name);
        fs::create_dir_all(&folder)?;
        let mut tar = Command::new("tar");
        tar.args(["--strip-components=1", "-xzf"]).arg(tarball).arg("-C").arg(folder);
        ensure!(tar.status()?.success(), "tar does not unpack {name}");
    }
    Ok(())
}

/// The tarballs, with the names of their packages.
pub fn packed() -> Result<Vec<(String, PathBuf)>> {
    static ARE_PACKED: Mutex<bool> = Mutex::new(false);
    let folder = workspace().join("target/languages/npm");
    let mut are_packed = ARE_PACKED.lock().ok().context("another test failed to pack")?;
    if !*are_packed {
        release::npm::pack(workspace(), &folder)?;
        *are_packed = true;
    }
    ["azure-identity-guest", "azure-identity-host"].into_iter().map(|name| tarball(&folder, name)).collect()
}

fn tarball(folder: &Path, name: &str) -> Result<(String, PathBuf)> {
    let path = folder.join(format!("{name}-{}.tgz", env!("CARGO_PKG_VERSION")));
    ensure!(path.is_file(), "no {}", path.display());
    Ok((name.to_owned(), path))
}
