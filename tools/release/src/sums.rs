//! Checksums.

use anyhow::{Context, Result, ensure};
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

/// Compares the files below a folder with its `SHA256SUMS`.
///
/// # Errors
/// When there is no such file, a file is missing, is not listed or has another checksum.
pub fn check(folder: &Path) -> Result<()> {
    let listed = fs::read_to_string(folder.join(FILE))
        .with_context(|| format!("no {} in {}; run: cargo run -p release -- all", FILE, folder.display()))?;
    for line in listed.lines() {
        let (digest, name) = line.split_once("  ").with_context(|| format!("{FILE} has another format"))?;
        let bytes = fs::read(folder.join(name)).with_context(|| format!("no {name}"))?;
        ensure!(sha256(&bytes) == digest, "{name} is not the file of {FILE}");
    }
    let names: Vec<_> = listed.lines().filter_map(|line| Some(line.split_once("  ")?.1)).collect();
    for name in files(folder)?.iter().filter(|name| *name != FILE) {
        ensure!(names.contains(&name.as_str()), "{name} is not in {FILE}");
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_missing_and_an_additional_file_are_named() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let folder = folder.path();
        fs::create_dir(folder.join("wit"))?;
        fs::write(folder.join("wit/a.wasm"), "a")?;
        fs::write(folder.join("b"), "b")?;
        let error = || check(folder).map_err(|error| error.to_string()).expect_err("it does not fit");
        assert!(error().starts_with("no SHA256SUMS in "), "{}", error());
        write(folder)?;
        check(folder)?;
        fs::write(folder.join("c"), "c")?;
        assert_eq!(error(), "c is not in SHA256SUMS");
        fs::write(folder.join("wit/a.wasm"), "b")?;
        assert_eq!(error(), "wit/a.wasm is not the file of SHA256SUMS");
        fs::remove_file(folder.join("wit/a.wasm"))?;
        assert_eq!(error(), "no wit/a.wasm");
        Ok(())
    }
}
