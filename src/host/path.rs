//! Paths of files, as the host names them. A host on Windows names its folders as Windows does.

use crate::prelude::*;

/// The path of a file or folder in a folder, in the folder's own style.
pub fn join(folder: &str, name: &str) -> String {
    if is_windows(folder) {
        format!("{}\\{}", folder.trim_end_matches(['\\', '/']), name.replace('/', "\\"))
    } else {
        format!("{}/{name}", folder.trim_end_matches('/'))
    }
}

/// Whether a path is one of Windows: `C:\…`, `C:/…` or `\\server\…`.
pub fn is_windows(path: &str) -> bool {
    let drive = |path: &str| path.bytes().next().is_some_and(|letter| letter.is_ascii_alphabetic());
    path.starts_with("\\\\")
        || (drive(path)
            && path.get(1..).is_some_and(|rest| rest.starts_with(":\\") || rest.starts_with(":/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_joined_to_a_folder_in_the_style_of_the_folder() {
        for (folder, name, path) in [
            ("/home/user", ".azure", "/home/user/.azure"),
            ("/home/user/", "a/b", "/home/user/a/b"),
            ("/", ".azure", "/.azure"),
            (r"C:\Users\user", ".azure", r"C:\Users\user\.azure"),
            (r"C:\Users\user\", "auth/msal/cache.json", r"C:\Users\user\auth\msal\cache.json"),
            ("C:/Users/user/", ".azure", r"C:/Users/user\.azure"),
            (r"\\server\home", ".azure", r"\\server\home\.azure"),
            ("relative", ".azure", "relative/.azure"),
        ] {
            assert_eq!(join(folder, name), path);
        }
    }
}
