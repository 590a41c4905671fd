//! The replacement of one text in one file.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::path::Path;

/// A text that is replaced in a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file, relative to the workspace.
    pub file: String,
    /// The text, which the file has once.
    pub find: String,
    /// The text in its place.
    pub replace: String,
}

impl Edit {
    /// The file's content with the text replaced.
    ///
    /// # Errors
    /// When the file is missing, does not have the text, or has it more than once.
    pub fn apply_to_file(&self, root: &Path) -> Result<String> {
        let text =
            std::fs::read_to_string(root.join(&self.file)).with_context(|| format!("no {}", self.file))?;
        self.apply(&text)
    }

    fn apply(&self, text: &str) -> Result<String> {
        let Self { file, find, replace } = self;
        let times = text.matches(find.as_str()).count();
        ensure!(times == 1, "{file} has this text {times} times instead of once:\n{find}");
        ensure!(find != replace, "{file}: the text is replaced by itself:\n{find}");
        Ok(text.replacen(find.as_str(), replace, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, find: &str, replace: &str) -> Option<String> {
        let edit = Edit { file: "a.rs".into(), find: find.into(), replace: replace.into() };
        edit.apply(text).ok()
    }

    #[test]
    fn a_text_that_is_there_once_is_replaced_and_any_other_is_an_error() {
        assert_eq!(edited("a < b", "<", ">=").as_deref(), Some("a >= b"));
        for (text, find, replace) in [("a < b < c", "<", ">="), ("a", "<", ">="), ("a < b", "<", "<")] {
            assert_eq!(edited(text, find, replace), None, "{find} in {text}");
        }
    }
}
