//! The folder of a file, among those that the host gives access to (preopens).

use super::FileError;
use super::path::is_windows;
use crate::prelude::*;

/// The deepest of the `folders` above `path`, and the path relative to it.
///
/// # Errors
/// When there is none, or when `path` has a `..` or a NUL, which no path of the component has.
pub fn find<'a, F>(folders: &'a [(F, String)], path: &str) -> Result<(&'a F, String), FileError> {
    let wanted = components(path).ok_or(FileError::Missing)?;
    let folder = folders
        .iter()
        .filter_map(|(folder, name)| {
            let prefix = components(name)?;
            (style(name) == style(path) && starts_with(&wanted, &prefix, is_windows(path)))
                .then_some((folder, prefix.len()))
        })
        .max_by_key(|(_, depth)| *depth);
    let (folder, depth) = folder.ok_or(FileError::NoFolder)?;
    Ok((folder, wanted.get(depth..).unwrap_or_default().join("/")))
}

/// Whether a path is absolute, and whether it is one of Windows. Paths that differ in this have no common
/// folder.
fn style(path: &str) -> (bool, bool) {
    (path.starts_with('/'), is_windows(path))
}

/// Whether a path begins with the components of another. Windows ignores the case of letters.
fn starts_with(path: &[&str], prefix: &[&str], ignores_case: bool) -> bool {
    let is_same = |(a, b): (&&str, &&str)| if ignores_case { a.eq_ignore_ascii_case(b) } else { a == b };
    path.len() >= prefix.len() && path.iter().zip(prefix).all(is_same)
}

/// The components of a path; `None`: it has a `..` or a NUL, which no path of the component has.
fn components(path: &str) -> Option<Vec<&str>> {
    if path.contains('\0') {
        return None;
    }
    let separators: &[char] = if is_windows(path) { &['\\', '/'] } else { &['/'] };
    let parts: Vec<&str> = path.split(separators).filter(|part| !part.is_empty() && *part != ".").collect();
    (!parts.contains(&"..")).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folders: &[&str], path: &str) -> Result<(usize, String), FileError> {
        let folders: Vec<_> = folders.iter().map(ToString::to_string).enumerate().collect();
        find(&folders, path).map(|(folder, rest)| (*folder, rest))
    }

    #[test]
    fn the_deepest_folder_above_a_path_is_found() {
        for (folders, path, expected) in [
            (&["/", "/home/user"][..], "/home/user/.azure/x", Ok((1, ".azure/x"))),
            (&["/", "/home/user"], "/etc/x", Ok((0, "etc/x"))),
            (&["/home/use"], "/home/user/x", Err(FileError::NoFolder)),
            (&["/Home"], "/home/x", Err(FileError::NoFolder)),
            (&["home"], "/home/x", Err(FileError::NoFolder)),
            (&["/"], "/a/../b", Err(FileError::Missing)),
            (&[r"C:\Users\user"], r"c:\users\user\.azure\x", Ok((0, ".azure/x"))),
            (&["C:/Users"], r"C:\Users\user\x", Ok((0, "user/x"))),
            (&[r"D:\"], r"C:\x", Err(FileError::NoFolder)),
            (&["/"], r"C:\x", Err(FileError::NoFolder)),
            (&[r"C:\Tokens"], r"C:\Tokens\..\x", Err(FileError::Missing)),
        ] {
            let expected = expected.map(|(folder, rest)| (folder, rest.to_owned()));
            assert_eq!(found(folders, path), expected, "{path} in {folders:?}");
        }
    }

    #[test]
    fn windows_has_two_separators_and_other_systems_have_one() {
        for (path, parts) in [
            ("/a/./b//c", Some(vec!["a", "b", "c"])),
            (r"/a\b", Some(vec![r"a\b"])),
            (r"C:\a/b\\c", Some(vec!["C:", "a", "b", "c"])),
            (r"\\server\a", Some(vec!["server", "a"])),
            ("/a/../b", None),
            (r"C:\a\..\b", None),
            ("/a\0", None),
        ] {
            assert_eq!(components(path), parts, "{path:?}");
        }
    }
}
