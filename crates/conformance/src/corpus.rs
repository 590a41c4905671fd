//! Reads and writes the cases of a folder.
//!
//! A folder has either recordings (`cases/`, `azure-cli/`, `keys/`; a missing subfolder counts as an empty one), or
//! the files that [`save`] writes: one a credential, one case a line.

use crate::case::Case;
use crate::folder::entries_with_extension;
use crate::{azure_cli, recording};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads the cases of a folder.
///
/// # Errors
/// When the folder has no cases, or a file of it cannot be read; the error has the file's name.
pub fn load(folder: &Path) -> Result<Vec<Case>> {
    ensure!(folder.is_dir(), "{} is not a folder", folder.display());
    let mut cases = recording::read(folder)?;
    cases.extend(azure_cli::read(&folder.join("azure-cli"))?);
    for path in entries_with_extension(folder, "jsonl")? {
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for (index, line) in text.lines().enumerate() {
            let place = || format!("in {}:{}", path.display(), index + 1);
            cases.push(serde_json::from_str(line).with_context(place)?);
        }
    }
    ensure!(
        !cases.is_empty(),
        "{} has no cases: expected cases/*.json, azure-cli/*/wire.json or *.jsonl",
        folder.display()
    );
    Ok(cases)
}

/// Writes the cases into a folder, one file a credential, and removes the files of earlier cases.
///
/// # Errors
/// When a file cannot be written.
pub fn save(cases: &[Case], folder: &Path) -> Result<()> {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for case in cases {
        let text = texts.entry(&case.credential).or_default();
        *text += &serde_json::to_string(case)?;
        text.push('\n');
    }
    for path in entries_with_extension(folder, "jsonl")? {
        std::fs::remove_file(path)?;
    }
    for (credential, text) in texts {
        std::fs::write(folder.join(format!("{credential}.jsonl")), text)?;
    }
    Ok(())
}
