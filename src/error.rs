//! The error of the core: a kind for programs, and a sentence for people that names the source, what was
//! tried and the remedy.

use crate::prelude::*;
use crate::token::Secret;
pub use azure_token_rules::error::ErrorKind;
use azure_token_rules::error::ErrorRecord;
use azure_token_rules::text::cleaned;
use core::fmt;

/// Why there is no token.
///
/// It has no secret: messages name variables and files, and [`quote`] cleans the text of a service. It is
/// boxed because a pointer is less code to return than its target (17 KB less, measured).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<ErrorDetails>);

impl From<ErrorDetails> for Error {
    fn from(details: ErrorDetails) -> Self {
        Self(Box::new(details))
    }
}

/// The details of an [`Error`].
pub type ErrorDetails = ErrorRecord<&'static str>;

/// The attempt of one member of a chain.
pub type Attempt = azure_token_rules::error::Attempt<&'static str>;

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

impl Error {
    /// An error of `kind`, whose message is `source: what`.
    pub fn new(kind: ErrorKind, source: &str, what: impl fmt::Display) -> Self {
        Self(Box::new(ErrorDetails::new(kind, source, &what)))
    }

    /// Its details.
    pub fn into_details(self) -> ErrorDetails {
        *self.0
    }

    /// The source is not configured.
    pub fn not_configured(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::NotConfigured, source, what)
    }

    /// The request or the configuration is malformed.
    pub fn invalid_argument(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidArgument, source, what)
    }

    /// The service refused the request.
    pub fn authentication_failed(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::AuthenticationFailed, source, what)
    }

    /// The service gave no response, or failed.
    pub fn transient(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Transient, source, what)
    }

    /// A response or a file is malformed.
    pub fn other(source: &str, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Other, source, what)
    }
}

/// The text of a service, cleaned for a message: one line, at most 300 characters, no final stop.
///
/// A server may echo the request. A text that repeats a secret, or the beginning of a long one, as it is or
/// percent-encoded in any spelling, is not quoted at all.
pub fn quote(text: &str, secrets: &[&Secret]) -> String {
    let line = clean(text);
    // Cleaning may join the parts of a secret that the server has split.
    if repeats_secret(text, secrets) || repeats_secret(&line, secrets) {
        return "a response that repeats a secret and is therefore not shown".to_owned();
    }
    line
}

fn clean(text: &str) -> String {
    let cleaned = cleaned(text);
    let words = cleaned.split_whitespace();
    let mut line = String::new();
    for (count, word) in words.enumerate() {
        // A first word that is too long is cut; any other one is left out.
        if line.len().saturating_add(word.len()) >= MAX_QUOTE {
            let start = word.char_indices().nth(MAX_QUOTE).map_or(word.len(), |(index, _)| index);
            line.push_str(if count == 0 { word.get(..start).unwrap_or_default() } else { "" });
            line.push('…');
            return line;
        }
        line.push_str(if count == 0 { "" } else { " " });
        line.push_str(word);
    }
    line.truncate(line.trim_end_matches(['.', ' ']).len());
    line
}

/// Whether a text repeats a secret, or the beginning of a long one.
pub fn repeats_secret(text: &str, secrets: &[&Secret]) -> bool {
    let decoded = crate::http::percent_decode(text);
    secrets.iter().map(|secret| secret.expose().trim()).any(|secret| {
        let start = secret
            .char_indices()
            .nth(IDENTIFYING)
            .map_or(secret, |(end, _)| secret.get(..end).unwrap_or(secret));
        start.len() >= SHORTEST && (text.contains(start) || decoded.contains(start))
    })
}

const MAX_QUOTE: usize = 300;
/// The number of characters at the beginning of a secret that identify it.
const IDENTIFYING: usize = 24;
/// A text with fewer characters than this is part of any message by chance.
const SHORTEST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_SHOWN: &str = "a response that repeats a secret and is therefore not shown";

    #[test]
    fn a_quote_is_one_clean_line() {
        assert_eq!(quote("no such\r\n thing: x.\u{1b}[31m.", &[]), "no such thing: x. [31m");
        assert_eq!(quote("safe\u{202e}\u{2028}line\u{200b}s", &[]), "safe lines");
    }

    #[test]
    fn a_text_that_repeats_a_secret_in_any_spelling_is_not_shown() {
        let (long, beginning) = (format!("eyJ{}", "x".repeat(500)), format!("eyJ{}", "x".repeat(97)));
        for (secret, text) in [
            ("s3cr3t~+/=&%x", "no: s3cr3t~+/=&%x"),
            ("s3cr3t~+/=&%x", "s3cr3t~%2B%2F%3D%26%25x"),
            ("s3cr3t~+/=&%x", "s3cr3t%7E%2b%2f%3d%26%25x"),
            ("a b c d", "a+b+c+d"),
            ("s3cr3t\n", "s3cr3t"),
            ("a s3cr3t b", "a\u{7f}s3cr3t\r\nb"),
            ("s3cr3t~", "s3c\u{200b}r3t~"),
            ("s3cr3t\n", "first line\ns3cr3t\nlast line"),
            (&long, &beginning),
        ] {
            assert_eq!(quote(text, &[&secret.into()]), NOT_SHOWN, "{secret:.20} in {text:.40}");
        }
        assert_eq!(quote("nothing of it", &[&"s3cr3t".into(), &" ".into()]), "nothing of it");
    }

    #[test]
    fn a_long_quote_ends_with_a_whole_word() {
        let text = "word ".repeat(100);
        let quoted = quote(&text, &[]);
        assert!(quoted.ends_with("word…") && quoted.len() <= 304, "{quoted}");
        assert_eq!(quote(&"ä".repeat(1000), &[]).chars().count(), 301);
    }
}
