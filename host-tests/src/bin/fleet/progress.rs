//! A line that shows how far a run is: on a terminal alone.

use std::io::{IsTerminal, Write, stderr};

/// The line. It is removed when this is dropped.
pub struct Progress {
    is_shown: bool,
}

impl Progress {
    pub fn new() -> Self {
        Self { is_shown: stderr().is_terminal() }
    }

    /// Shows what the program does now.
    pub fn show(&self, what: &str) {
        if self.is_shown {
            let _ = write!(stderr(), "\r\x1b[K{what} ");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
