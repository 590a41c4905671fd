//! `NOTES.md`: what is new, the files and their digests, and how to check them.

use crate::provenance;
use crate::settings::Settings;
use crate::sums;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Writes the notes of a release about the files of a folder into its file `NOTES.md`.
///
/// # Errors
/// When `CHANGELOG.md` has no section.
pub fn write(workspace: &Path, settings: &Settings, folder: &Path) -> Result<()> {
    let changelog = fs::read_to_string(workspace.join("CHANGELOG.md"))?;
    let section = newest_section(&changelog)?;
    let mut rows = String::new();
    for name in sums::files(folder)? {
        let bytes = fs::read(folder.join(&name))?;
        let file = name.rsplit('/').next().unwrap_or(&name);
        rows += &format!("| `{file}` | {} | `{}` |\n", bytes.len(), sums::sha256(&bytes));
    }
    let verify = verification(settings);
    let text =
        format!("{section}\n\n## Files\n\n| file | bytes | SHA-256 |\n|---|---|---|\n{rows}\n{verify}");
    fs::write(folder.join(FILE), text)?;
    Ok(())
}

/// The newest section of a changelog, without the line break at its end: its heading is the first of level two.
///
/// # Errors
/// When there is none.
///
/// ```
/// let changelog = "# Changelog\n\n## 0.2.1 (2026-12-01)\n\n- New.\n\n## 0.2.0 (2026-11-01)\n\n- Old.\n";
/// assert_eq!(release::notes::newest_section(changelog)?, "## 0.2.1 (2026-12-01)\n\n- New.");
/// # Ok::<(), anyhow::Error>(())
/// ```
pub fn newest_section(changelog: &str) -> Result<&str> {
    let start = changelog.find("\n## ").context("CHANGELOG.md has no section")? + 1;
    let section = &changelog[start..];
    let end = section.find("\n## ").unwrap_or(section.len());
    Ok(section[..end].trim_end())
}

fn verification(settings: &Settings) -> String {
    let (repository, provenance) = (&settings.repository, provenance::FILE);
    let project = repository.trim_start_matches("https://github.com/");
    format!(
        "## Verify\n\n\
         In the folder of the downloaded files:\n\n\
         ```sh\n\
         sha256sum --check --ignore-missing SHA256SUMS\n\
         gh attestation verify azure-identity.wasm --repo {project}\n\
         ```\n\n\
         `{provenance}` has the commit and the versions of the tools. [docs/verify.md]({repository}/blob/main/docs/verify.md) \
         says how to check a package of a registry, and how to build the same bytes.\n"
    )
}

/// The file's name.
pub const FILE: &str = "NOTES.md";
