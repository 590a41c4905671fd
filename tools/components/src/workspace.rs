//! Where the project is.

use std::path::{Path, PathBuf};

/// The workspace's folder: the one that this program was built in, or the one that [`WORKSPACE`] names.
pub fn workspace() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::var_os(WORKSPACE).map_or_else(own, PathBuf::from)
}

/// The variable with the folder of another copy of the project, which a program that was built here builds.
pub const WORKSPACE: &str = "AZURE_IDENTITY_WORKSPACE";
