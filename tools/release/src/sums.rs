//! Checksums.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Writes the checksums of all files below a folder into its file `SHA256SUMS`, in the format of `sha256sum`, and returns
/// its path.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(folder: &Path) -> Result<PathBuf> {
    let path = folder.join(FILE);
    let files = files(folder)?.into_iter().filter(|name| name != FILE);
    let lines = files.map(|name| Ok(format!("{}  {name}\n", sha256(&fs::read(folder.join(&name))?))));
    fs::write(&path, lines.collect::<Result<String>>()?)?;
    Ok(path)
}

/// The SHA-256 of these bytes in hexadecimal.
///
/// ```
/// let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// assert_eq!(release::sums::sha256(b""), empty);
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The files below a folder by their paths from it, with slashes, in order.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder)?.to_str().context("a file's name is not UTF-8")?;
            files.push(name.replace('\\', "/"));
        }
    }
    files.sort();
    Ok(files)
}

/// The file's name.
pub const FILE: &str = "SHA256SUMS";
