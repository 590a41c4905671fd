//! The golden files of a case.
//!
//! Other tests use the macros of `expect-test` (`tools/golden`). The golden files of cases need three things that it lacks: the absence of a file
//! is an expectation too (`error.txt` of a case whose calls all succeed); a difference is an error rather than a
//! panic, because the runner adds the context of the call and is itself tested with cases that fail; and only one of
//! three editions may rewrite the files that all three are compared with. The environment variable is the same
//! ([`::golden::is_update_requested`]).

use anyhow::{Context, Result, bail};
use similar::TextDiff;
use std::io::ErrorKind;
use std::path::Path;

/// Compares a text with its golden file, or rewrites the file if `update` is set. An empty text means that there is
/// no file.
///
/// # Errors
/// The difference, as a unified diff.
pub fn golden(path: &Path, text: &str, update: bool) -> Result<()> {
    let expected = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        content => content.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    if expected == text {
        return Ok(());
    }
    if update {
        let written = if text.is_empty() { std::fs::remove_file(path) } else { std::fs::write(path, text) };
        return written.with_context(|| format!("{} cannot be written", path.display()));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let diff =
        TextDiff::from_lines(expected.as_str(), text).unified_diff().header(&name, "actual").to_string();
    bail!("{name} differs (UPDATE_EXPECT=1 cargo test rewrites it):\n{diff}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::golden::expect;

    #[test]
    fn a_difference_is_a_diff_until_the_file_is_updated() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("it.txt");
        std::fs::write(&path, "one\ntwo\n").expect("a file");
        let error = golden(&path, "one\n2\n", false).expect_err("they differ").to_string();
        expect![[r"
            it.txt differs (UPDATE_EXPECT=1 cargo test rewrites it):
            --- it.txt
            +++ actual
            @@ -1,2 +1,2 @@
             one
            -two
            +2
        "]]
        .assert_eq(&error);
        golden(&path, "one\n2\n", true).expect("the file is written");
        golden(&path, "one\n2\n", false).expect("they are the same");
    }

    #[test]
    fn an_empty_text_means_that_there_is_no_file() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("it.txt");
        golden(&path, "", false).expect("there is no file");
        std::fs::write(&path, "one\n").expect("a file");
        golden(&path, "", false).expect_err("there is a file");
        golden(&path, "", true).expect("the file is removed");
        assert!(!path.exists());
    }
}
