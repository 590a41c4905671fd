//! The one error: what sort it is, for programs, and a sentence that says who failed, what was
//! tried and what to do, for people.

use crate::prelude::*;
use crate::text::{contains, position};
use crate::token::Secret;
use core::fmt;

/// Why there is no token.
///
/// Holds no secret: messages name variables and files, and what a service said is cleaned by
/// [`quote`] before it gets here. Boxed: results are handed on everywhere, and a pointer is less code to
/// hand on than what it points to (17 KB less, measured).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<ErrorDetails>);

/// What an [`Error`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorDetails {
    /// What sort of failure it is; decides whether a chain goes on.
    pub kind: ErrorKind,
    /// `source: what happened; what to do`, one sentence without a final stop.
    pub message: String,
    /// The OAuth error code, e.g. `authorization_pending`; empty: the service gave none.
    pub code: String,
    /// The `AADSTS` numbers of Microsoft Entra; empty: none.
    pub error_codes: Vec<u32>,
    /// The claims challenge that must be satisfied first, as JSON text.
    pub claims: Option<String>,
    /// What a chain tried, in order, the last one included; empty: it was no chain.
    pub attempts: Vec<Attempt>,
}

impl core::ops::Deref for Error {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.0
    }
}

impl core::ops::DerefMut for Error {
    fn deref_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }
}

/// The sorts of failure; their meaning for callers stands in `wit/0.2/types.wit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Malformed or impossible; nothing was sent.
    InvalidRequest,
    /// An answer that makes no sense, or whatever fits nowhere else.
    Other,
    /// The service said no.
    Rejected,
    /// Not configured here. The only kind after which a chain goes on.
    Unavailable,
    /// A configured service could not be asked, or failed.
    Unreachable,
}

/// One member of a chain that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The member's name.
    pub source: &'static str,
    /// How it failed.
    pub kind: ErrorKind,
    /// Why, and what to do about it.
    pub message: String,
}

impl Error {
    /// An error of `kind`, whose message is `source: what`.
    ///
    /// Paths and names stand in messages as they are, so what would break a line or steer a terminal is
    /// taken out here, once.
    pub fn new(kind: ErrorKind, source: &str, what: impl fmt::Display) -> Self {
        Self::told(kind, source, &what)
    }

    fn told(kind: ErrorKind, source: &str, what: &dyn fmt::Display) -> Self {
        let mut message = format!("{source}: {what}");
        // What is beyond ASCII may be a control character, too.
        if position(&message, |b| !matches!(b, b' '..=b'~')).is_some() {
            message = message.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
        }
        Self(Box::new(ErrorDetails {
            kind,
            message,
            code: String::new(),
            error_codes: Vec::new(),
            claims: None,
            attempts: Vec::new(),
        }))
    }

    /// Everything it tells.
    pub fn into_details(self) -> ErrorDetails {
        *self.0
    }

    /// The source is not configured here.
    pub fn unavailable(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Unavailable, source, what)
    }

    /// The request or the configuration is malformed.
    pub fn invalid(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidRequest, source, what)
    }

    /// The service said no.
    pub fn rejected(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Rejected, source, what)
    }

    /// The service could not be asked.
    pub fn unreachable(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Unreachable, source, what)
    }

    /// An answer or a file that makes no sense.
    pub fn other(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Other, source, what)
    }
}

/// What a service said, fit for a message: one line, at most 300 characters, no final stop.
///
/// A server may echo what it was sent. One that repeats a secret, or the beginning of a long one, as it
/// was or percent-encoded in any spelling, is not quoted at all.
pub fn quote(said: &str, secrets: &[&Secret]) -> String {
    let line = clean(said);
    // Cleaning may put together what the server has taken apart.
    if repeats_secret(said, secrets) || repeats_secret(&line, secrets) {
        return "an answer that repeats a secret and is therefore not shown".to_owned();
    }
    line
}

fn clean(said: &str) -> String {
    let spaced = said.replace(char::is_control, " ");
    let words = spaced.split_whitespace();
    let mut line = String::new();
    for (count, word) in words.enumerate() {
        // A word of its own cannot be longer than all that is shown; the others have a space in front.
        if line.len().saturating_add(word.len()) >= MAX_QUOTE {
            let start = word.char_indices().nth(MAX_QUOTE).map_or(word.len(), |(index, _)| index);
            line.push_str(if count == 0 { word.get(..start).unwrap_or_default() } else { "" });
            line.push('…');
            return line;
        }
        line.push_str(if count == 0 { "" } else { " " });
        line.push_str(word);
    }
    line.truncate(line.trim_end_matches('.').len());
    line
}

/// Whether a text repeats a secret, or the beginning of a long one.
pub fn repeats_secret(said: &str, secrets: &[&Secret]) -> bool {
    let decoded = crate::http::percent_decode(said);
    secrets.iter().map(|secret| secret.expose().trim()).any(|secret| {
        let start =
            secret.char_indices().nth(TELLING).map_or(secret, |(end, _)| secret.get(..end).unwrap_or(secret));
        start.len() >= SHORTEST && (contains(said, start) || contains(&decoded, start))
    })
}

const MAX_QUOTE: usize = 300;
/// So many characters of a secret tell that it is that one.
const TELLING: usize = 24;
/// Fewer characters than this stand in any text.
const SHORTEST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_SHOWN: &str = "an answer that repeats a secret and is therefore not shown";

    #[test]
    fn a_quote_is_one_clean_line() {
        assert_eq!(quote("no such\r\n thing: x.\u{1b}[31m.", &[]), "no such thing: x. [31m");
    }

    #[test]
    fn a_message_is_one_line_whatever_stands_in_it() {
        let error = Error::other("test", "/home/\r\n\u{1b}[31m/file does not exist");
        assert_eq!(error.message, "test: /home/   [31m/file does not exist");
    }

    #[test]
    fn what_repeats_a_secret_in_any_spelling_is_not_shown() {
        let (long, beginning) = (format!("eyJ{}", "x".repeat(500)), format!("eyJ{}", "x".repeat(97)));
        for (secret, said) in [
            ("s3cr3t~+/=&%x", "no: s3cr3t~+/=&%x"),
            ("s3cr3t~+/=&%x", "s3cr3t~%2B%2F%3D%26%25x"),
            ("s3cr3t~+/=&%x", "s3cr3t%7E%2b%2f%3d%26%25x"),
            ("a b c d", "a+b+c+d"),
            ("s3cr3t\n", "s3cr3t"),
            ("a s3cr3t b", "a\u{7f}s3cr3t\r\nb"),
            ("s3cr3t\n", "first line\ns3cr3t\nlast line"),
            (&long, &beginning),
        ] {
            assert_eq!(quote(said, &[&secret.into()]), NOT_SHOWN, "{secret:.20} in {said:.40}");
        }
        assert_eq!(quote("nothing of it", &[&"s3cr3t".into(), &" ".into()]), "nothing of it");
    }

    #[test]
    fn a_long_quote_ends_with_a_whole_word() {
        let said = "word ".repeat(100);
        let quoted = quote(&said, &[]);
        assert!(quoted.ends_with("word…") && quoted.len() <= 304, "{quoted}");
        assert_eq!(quote(&"ä".repeat(1000), &[]).chars().count(), 301);
    }
}
