//! The lines for standard error, each written once: an app that repeats a refused request does not fill the log.

use crate::prelude::*;
use core::cell::RefCell;
use core::fmt::Display;

/// The lines that were written.
#[derive(Default)]
pub struct Log(RefCell<Vec<String>>);

impl Log {
    /// The line to write; `None`: it was written before, or 100 lines were. An app can make up any number of different
    /// lines.
    pub fn new_line(&self, what: &impl Display) -> Option<String> {
        let line = format!("http-auth: {what}\n");
        let mut written = self.0.borrow_mut();
        if written.len() >= MAX_LINES || written.contains(&line) {
            return None;
        }
        written.push(line.clone());
        let is_last = written.len() >= MAX_LINES;
        let end = if is_last { "http-auth: this was the last of 100 lines\n" } else { "" };
        Some([line.as_str(), end].concat())
    }
}

const MAX_LINES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_written_once_and_at_most_a_hundred_are() {
        let log = Log::default();
        assert_eq!(log.new_line(&"a").as_deref(), Some("http-auth: a\n"));
        assert_eq!(log.new_line(&"a"), None);
        let lines: Vec<_> = (0..1000).filter_map(|number| log.new_line(&number)).collect();
        assert_eq!(lines.len(), MAX_LINES - 1);
        assert!(lines.last().is_some_and(|line| line.ends_with("the last of 100 lines\n")));
    }
}
