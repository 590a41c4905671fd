//! Golden files: what a case sends and says, word for word.

use anyhow::{Context, Result, bail};
use similar::TextDiff;
use std::io::ErrorKind;
use std::path::Path;

/// Compares a text with its golden file, or writes that if `bless` is set. No text, no file.
///
/// # Errors
/// The difference, as a unified diff.
pub fn golden(path: &Path, text: &str, bless: bool) -> Result<()> {
    let kept = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        kept => kept.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    if kept == text {
        return Ok(());
    }
    if bless {
        let written = if text.is_empty() { std::fs::remove_file(path) } else { std::fs::write(path, text) };
        return written.with_context(|| format!("{} cannot be written", path.display()));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let diff =
        TextDiff::from_lines(kept.as_str(), text).unified_diff().header(&name, "what happened").to_string();
    bail!("{name} differs (BLESS=1 cargo test writes it anew):\n{diff}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_a_diff_and_blessing_ends_it() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("it.txt");
        std::fs::write(&path, "one\ntwo\n").expect("a file");
        let told = golden(&path, "one\n2\n", false).expect_err("they differ").to_string();
        assert_eq!(
            told,
            "it.txt differs (BLESS=1 cargo test writes it anew):\n\
             --- it.txt\n+++ what happened\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
        );
        golden(&path, "one\n2\n", true).expect("it is written");
        golden(&path, "one\n2\n", false).expect("they are the same");
    }

    #[test]
    fn no_text_is_no_file() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("it.txt");
        golden(&path, "", false).expect("neither is there");
        std::fs::write(&path, "one\n").expect("a file");
        golden(&path, "", false).expect_err("one is there");
        golden(&path, "", true).expect("it is removed");
        assert!(!path.exists());
    }
}
