//! Bills of materials of the components, in CycloneDX's JSON.
//!
//! A bill lists the crates that cargo compiled for one component, with its features and its target: each crate with its
//! version, its licence, its package URL and the SHA-256 that the registry has for it. Crates that ran at compile time
//! (macros, build scripts and their dependencies) have the scope `excluded`.
//!
//! A bill has neither a date nor a random number, so that equal components have equal bills.

mod document;
mod materials;

pub use document::document;
pub use materials::{Crate, Materials, materials};

use anyhow::{Context, Result};
use components::{ALL, Published};
use std::path::{Path, PathBuf};

/// Builds a published component into `folder`, writes its bill of materials beside it, and returns the latter's path:
/// `NAME.cdx.json`.
///
/// # Errors
/// When the component does not compile, or a crate has no licence.
pub fn write(published: &Published, folder: &Path) -> Result<PathBuf> {
    let component = ALL
        .iter()
        .find(|it| it.name == published.component)
        .context("a published component is not in the list of components")?;
    let built = components::build([component], folder)?.remove(0);
    let document = document(published, &std::fs::read(built)?, &materials(component)?)?;
    let path = folder.join(format!("{}.cdx.json", published.component));
    std::fs::write(&path, document)?;
    Ok(path)
}
