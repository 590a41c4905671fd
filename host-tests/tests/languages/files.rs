//! Copies and digests of files and folders, without the outputs of manual builds.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// The digest of these files and folders.
pub fn digest(paths: &[&Path]) -> Result<String> {
    let mut hash = Sha256::new();
    for path in paths {
        for file in files(path)? {
            hash.update(file.display().to_string());
            hash.update(fs::read(file)?);
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Copies a file or a folder.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let to = to.join(file.strip_prefix(from)?);
        // The path of a file relative to itself is empty, and joining it appends a slash.
        let to = if from.is_file() {
            to.parent().unwrap_or(&to).join(to.file_name().unwrap_or_default())
        } else {
            to
        };
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        fs::copy(&file, to)?;
    }
    Ok(())
}

/// The files in a folder, in order, without the outputs of manual builds.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries: Vec<_> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    entries.sort();
    entries
        .retain(|it| !["node_modules", "__pycache__", "provider"].iter().any(|output| it.ends_with(output)));
    let mut all = Vec::new();
    for entry in entries {
        all.extend(files(&entry)?);
    }
    Ok(all)
}
