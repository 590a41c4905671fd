//! Components patched to import and export another version of a package.

use anyhow::{Result, ensure};

/// The component with version `to` in place of `from` in the names of these interfaces of `azure:identity`. Both
/// versions have the same length, so that no other byte changes.
///
/// # Errors
/// When the lengths differ, or the component has none of the names.
pub fn with_version(mut bytes: Vec<u8>, interfaces: &[&str], from: &str, to: &str) -> Result<Vec<u8>> {
    ensure!(from.len() == to.len(), "{from} and {to} have different lengths");
    let mut found = false;
    for interface in interfaces {
        let (old, new) = (format!("azure:{interface}@{from}"), format!("azure:{interface}@{to}"));
        let starts = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(old.as_bytes()));
        for at in starts.collect::<Vec<_>>() {
            bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
            found = true;
        }
    }
    ensure!(found, "the component names none of {interfaces:?} in version {from}");
    Ok(bytes)
}

/// The interfaces of the frozen package.
pub const FROZEN: &[&str] = &["identity/types", "identity/token-credential"];
