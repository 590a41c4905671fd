//! The files as the page of a release has them.

use crate::sums;
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// Copies the files of a release into one folder without others, which is replaced, with checksums by the names there, and
/// returns them: a page of a release has no folders.
///
/// # Errors
/// When two files have the same name, or one cannot be copied.
pub fn lay_out(artifacts: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to)?;
    for name in sums::files(artifacts)?.into_iter().filter(|name| name != sums::FILE) {
        let copy = to.join(name.rsplit('/').next().unwrap_or(&name));
        ensure!(!copy.exists(), "two files of the release are named {}", copy.display());
        fs::copy(artifacts.join(&name), copy)?;
    }
    sums::write(to)?;
    Ok(sums::files(to)?.iter().map(|name| to.join(name)).collect())
}

/// The folder, below the workspace's.
pub const FOLDER: &str = "target/release-page";
