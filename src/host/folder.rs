//! The folder of a file, among those that the host gives access to (preopens).

use super::FileError;
use crate::prelude::*;

/// The deepest of the `folders` above `path`, and the path relative to it.
///
/// # Errors
/// When there is none, or when `path` has a `..` or a NUL, which no path of the component has.
pub fn find<'a, F>(folders: &'a [(F, String)], path: &str) -> Result<(&'a F, String), FileError> {
    let wanted = components(path).ok_or(FileError::Missing)?;
    let is_absolute = path.starts_with('/');
    let folder = folders
        .iter()
        .filter_map(|(folder, name)| {
            let prefix = components(name)?;
            (name.starts_with('/') == is_absolute && wanted.starts_with(&prefix))
                .then_some((folder, prefix.len()))
        })
        .max_by_key(|(_, depth)| *depth);
    let (folder, depth) = folder.ok_or(FileError::NoFolder)?;
    Ok((folder, wanted.get(depth..).unwrap_or_default().join("/")))
}

/// The components of a path; `None`: it has a `..` or a NUL.
fn components(path: &str) -> Option<Vec<&str>> {
    if path.contains('\0') {
        return None;
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    (!parts.contains(&"..")).then_some(parts)
}
