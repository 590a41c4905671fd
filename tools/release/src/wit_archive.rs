//! The interfaces as text, for apps that are built without `wkg`.

use crate::command::step;
use crate::settings::LICENCES;
use crate::wit;
use anyhow::Result;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Writes an archive for each generation of WASI into `to`, and returns them: `azure-identity-wit-0.2.zip`.
///
/// Its files are unpacked into an app's folder `wit`: a package is a folder of `wit/deps`, where the tools for all languages
/// look for it. The files have no times, and are not compressed, so that equal interfaces have equal archives.
///
/// # Errors
/// When a file cannot be read or written.
pub fn pack(workspace: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    step("interfaces as text");
    fs::create_dir_all(to)?;
    let mut archives: BTreeMap<&str, Vec<(String, Vec<u8>)>> = BTreeMap::new();
    for (folder, name) in wit::PACKAGES {
        let generation = folder.split('/').nth(1).unwrap_or_default();
        let version = wit::version(&workspace.join(folder))?;
        let package = format!("deps/{}-{version}", name.replace(':', "-"));
        archives.entry(generation).or_default().extend(files(workspace, folder, &package)?);
    }
    let archives = archives.into_iter().map(|(generation, mut files)| {
        files.sort();
        let path = to.join(format!("azure-identity-wit-{generation}.zip"));
        write(&path, &files)?;
        Ok(path)
    });
    archives.collect()
}

/// The files of a package and the licences, by their names in the archive.
fn files(workspace: &Path, folder: &str, package: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let licences = LICENCES.iter().map(|licence| workspace.join(licence));
    let interfaces = fs::read_dir(workspace.join(folder))?.map(|entry| Ok(entry?.path()));
    let interfaces = interfaces.collect::<Result<Vec<_>>>()?.into_iter();
    let interfaces = interfaces.filter(|path| path.extension().is_some_and(|ending| ending == "wit"));
    let files = interfaces.chain(licences).map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok((format!("{package}/{name}"), fs::read(path)?))
    });
    files.collect()
}

fn write(path: &Path, files: &[(String, Vec<u8>)]) -> Result<()> {
    // The default time of an entry is that of 1980-01-01, the first that the format has.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(File::create(path)?);
    for (name, bytes) in files {
        archive.start_file(name.as_str(), options)?;
        archive.write_all(bytes)?;
    }
    archive.finish()?;
    Ok(())
}
