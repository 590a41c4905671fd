//! The one error: what sort it is, for programs, and a sentence that says who failed, what was
//! tried and what to do, for people.

use crate::prelude::*;
use crate::token::Secret;
use core::fmt;

/// Why there is no token.
///
/// Holds no secret: messages name variables and files, and what a service said is cleaned by
/// [`quote`] before it gets here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
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

/// The sorts of failure; their meaning for callers stands in `wit/types.wit`.
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
    pub fn new(kind: ErrorKind, source: &str, what: impl fmt::Display) -> Self {
        Self {
            kind,
            message: format!("{source}: {what}"),
            code: String::new(),
            error_codes: Vec::new(),
            claims: None,
            attempts: Vec::new(),
        }
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

/// What a service said, fit for a message: without control characters, without the given secrets
/// (a server may echo what it was sent), at most 300 characters, no trailing full stop.
pub fn quote(said: &str, secrets: &[&Secret]) -> String {
    let mut said: String = said.to_owned();
    for secret in secrets.iter().map(|secret| secret.expose()).filter(|secret| !secret.is_empty()) {
        said = said.replace(secret, "REDACTED");
        let encoded = crate::http::percent_encode(secret);
        if encoded != secret {
            said = said.replace(&encoded, "REDACTED");
        }
    }
    let printable: String =
        said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_QUOTE).collect();
    let words: Vec<&str> = printable.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

const MAX_QUOTE: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_one_clean_line_without_the_secrets_that_were_sent() {
        let secret = Secret::from("s3cr3t~+/=&%x");
        let said = "no such\r\nthing: s3cr3t~+/=&%x, s3cr3t~%2B%2F%3D%26%25x.\u{1b}[31m";
        assert_eq!(quote(said, &[&secret]), "no such thing: REDACTED, REDACTED. [31m");
    }

    #[test]
    fn a_quote_is_cut_at_300_characters() {
        assert_eq!(quote(&"ä".repeat(1000), &[]).chars().count(), 300);
    }
}
