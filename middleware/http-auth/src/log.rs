//! What people are told: each thing once, so that an app that tries a thousand times does not fill the log.

use crate::prelude::*;
use core::cell::RefCell;
use core::fmt::Display;

/// What was told already.
#[derive(Default)]
pub struct Log(RefCell<Vec<String>>);

impl Log {
    /// The line to write, unless it was written before. Once there are very many, an app is making them up, and
    /// no more are written.
    pub fn once(&self, what: &impl Display) -> Option<String> {
        let line = format!("http-auth: {what}\n");
        let mut told = self.0.borrow_mut();
        if told.len() >= MOST_LINES || told.contains(&line) {
            return None;
        }
        told.push(line.clone());
        let is_last = told.len() >= MOST_LINES;
        let end = if is_last { "http-auth: this was the last of 100 lines\n" } else { "" };
        Some([line.as_str(), end].concat())
    }
}

const MOST_LINES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_told_once_and_not_without_end() {
        let log = Log::default();
        assert_eq!(log.once(&"a").as_deref(), Some("http-auth: a\n"));
        assert_eq!(log.once(&"a"), None);
        let lines: Vec<_> = (0..1000).filter_map(|number| log.once(&number)).collect();
        assert_eq!(lines.len(), MOST_LINES - 1);
        assert!(lines.last().is_some_and(|line| line.ends_with("the last of 100 lines\n")));
    }
}
