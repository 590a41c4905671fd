//! What a package contains.

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::Path;
use zip::ZipArchive;

/// Files by their names, with their bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The files in an archive: of a crate, a tarball of npm, a wheel or a zip. `None`
/// for any other file.
///
/// # Errors
/// When the archive is malformed.
pub fn files(path: &Path) -> Result<Option<Files>> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let files = match ending {
        "crate" | "tgz" | "gz" => of_tarball(path)?,
        "whl" | "zip" => of_zip(path)?,
        _ => return Ok(None),
    };
    Ok(Some(files))
}

fn of_tarball(path: &Path) -> Result<Files> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(path)?));
    let mut files = Files::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_str().context("a file's name is not UTF-8")?.replace('\\', "/");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

fn of_zip(path: &Path) -> Result<Files> {
    let mut archive = ZipArchive::new(Cursor::new(fs::read(path)?))?;
    let mut files = Files::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let name = file.name()?.into_owned();
        files.insert(name, bytes);
    }
    Ok(files)
}
