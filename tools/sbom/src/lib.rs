//! What is inside a component: a bill of materials in CycloneDX's JSON.
//!
//! It lists what cargo compiled for this very component, and not what a manifest could bring: each crate with its
//! version, its licence, its package URL and the SHA-256 under which the registry has it. A crate that took part and is
//! not inside (macros, build scripts, and what those need) has the scope `excluded`.
//!
//! The same component has the same bill: there is neither a date nor a random number in it.

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
/// When the component does not compile, or its crates say less of themselves than they must.
pub fn write(published: &Published, folder: &Path) -> Result<PathBuf> {
    let component =
        ALL.iter().find(|it| it.name == published.component).context("it is published and not built")?;
    let built = components::build([component], folder)?.remove(0);
    let document = document(published, &std::fs::read(built)?, &materials(component)?)?;
    let path = folder.join(format!("{}.cdx.json", published.component));
    std::fs::write(&path, document)?;
    Ok(path)
}
