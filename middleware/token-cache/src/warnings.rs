//! Warnings, one of each kind for an instance: in a host that starts an instance for each request, that is one for each.

use crate::host::Host;
use azure_token_rules::error::message;
use core::cell::Cell;
use core::fmt::{self, Display};

/// The kinds of warnings that an instance has written.
#[derive(Debug, Default)]
pub struct Warnings {
    written: Cell<[bool; 4]>,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The store failed.
    Store,
    /// A token is not stored.
    NotStored,
    /// An entry of the store is not one for its name.
    Unusable,
    /// No identity is declared.
    NoIdentity,
}

impl Warnings {
    /// Writes a warning, if there was none of its kind: one line without control characters, shortened.
    pub fn write(&self, host: &impl Host, kind: Kind, what: &dyn Display) {
        let mut written = self.written.get();
        let Some(is_written) = written.get_mut(kind as usize).filter(|is_written| !**is_written) else {
            return;
        };
        *is_written = true;
        self.written.set(written);
        let mut line = message("token-cache", &Shortened(what));
        line.push('\n');
        host.log(line);
    }
}

/// A text of which a host may have written any part.
struct Shortened<'a>(&'a dyn Display);

impl Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = alloc::string::ToString::to_string(self.0);
        text.chars().take(MAX_CHARACTERS).try_for_each(|one| fmt::Write::write_char(f, one))
    }
}

const MAX_CHARACTERS: usize = 500;
