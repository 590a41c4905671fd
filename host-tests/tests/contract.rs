//! The contract with users: the interfaces, the imports, the documents, and the structure of the code.

#[path = "contract/book.rs"]
mod book;
#[path = "contract/code.rs"]
mod code;
#[path = "contract/commands.rs"]
mod commands;
#[path = "contract/compiled_once.rs"]
mod compiled_once;
#[path = "contract/component.rs"]
mod component;
#[path = "contract/credential_pages.rs"]
mod credential_pages;
#[path = "contract/documents.rs"]
mod documents;
#[path = "contract/imports.rs"]
mod imports;
#[path = "contract/interfaces.rs"]
mod interfaces;
#[path = "contract/markdown.rs"]
mod markdown;
#[path = "contract/released.rs"]
mod released;
#[path = "contract/tree.rs"]
mod tree;
#[path = "contract/tutorials.rs"]
mod tutorials;
#[path = "contract/workflows.rs"]
mod workflows;
#[path = "contract/zeroization.rs"]
mod zeroization;

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The files below a folder with this extension.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, ending)?);
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    Ok(found)
}

fn read(path: &str) -> Result<String> {
    let path = root().join(path);
    fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))
}

fn crate_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn root() -> PathBuf {
    crate_root().join("..")
}
