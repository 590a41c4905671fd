//! The folder with everything that a release publishes.

use crate::settings::{LICENCES, Settings};
use crate::{
    bills, crates, namespace, notes, npm, provenance, provider_crate, simulator, sums, wheels, wit,
    wit_archive,
};
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds everything into the folder `to`, which is replaced, and returns the files.
///
/// The folder appears when all of it is there: a failure leaves the one of before.
///
/// # Errors
/// When a part cannot be built, or `to` is a folder with other files than those of a release.
pub fn all(workspace: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let is_ours =
        to.join(sums::FILE).is_file() || fs::read_dir(to).is_ok_and(|mut files| files.next().is_none());
    ensure!(
        !to.exists() || is_ours,
        "{} has other files than those of a release; name a new folder",
        to.display()
    );
    let partial = to.with_extension("partial");
    let _ = fs::remove_dir_all(&partial);
    fs::create_dir_all(&partial)?;
    fill(workspace, &partial)?;
    let _ = fs::remove_dir_all(to);
    fs::rename(&partial, to)?;
    Ok(sums::files(to)?.iter().map(|name| to.join(name)).collect())
}

fn fill(workspace: &Path, to: &Path) -> Result<()> {
    let settings = Settings::read(workspace)?;
    bills::build(workspace, &to.join("components"), &to.join("sbom"), &[])?;
    wit::pack(workspace, &to.join("wit"))?;
    wit_archive::pack(workspace, &to.join("wit"))?;
    npm::pack(workspace, &to.join("npm"))?;
    wheels::pack(workspace, &to.join("components"), &to.join("python"))?;
    simulator::pack(workspace, to)?;
    crates::pack(workspace, &to.join("crates"))?;
    provider_crate::pack(workspace, &to.join("components"), &to.join("crates"))?;
    for licence in LICENCES {
        fs::copy(workspace.join(licence), to.join(licence))?;
    }
    namespace::write(&settings, to)?;
    provenance::write(workspace, &settings, to)?;
    notes::write(workspace, &settings, to)?;
    sums::write(to)?;
    Ok(())
}

/// The folder by default, below the workspace's.
pub const FOLDER: &str = "target/release-artifacts";
