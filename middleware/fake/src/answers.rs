//! The answers that the environment describes, as JSON. Their fields are those of `types.wit`, with times relative to now.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use azure_middleware_bindings::{AccessToken, CredentialError, ErrorKind, ServiceResponse};
use serde::Deserialize;
use serde_json::Value;

/// The variable with the answers.
pub const ANSWERS: &str = "AZURE_FAKE_ANSWERS";

/// The answers of an instance: the first call gets the first one, and so on; those after the last get the last one.
#[derive(Clone, Debug)]
pub struct Answers(Vec<Answer>, Answer);

/// The answer of one call.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A token.
    Token(Token),
    /// An error.
    Error(Failure),
}

/// A token, an hour long if nothing else is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Token {
    token: Option<String>,
    token_type: String,
    expires_in: i64,
    refresh_in: Option<i64>,
    source: String,
    details: BTreeMap<String, String>,
    delay_ms: u64,
}

/// An error.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Failure {
    #[serde(with = "Kind")]
    kind: ErrorKind,
    message: Option<String>,
    claims: Option<Value>,
    response: Option<Response>,
    #[serde(default)]
    details: BTreeMap<String, String>,
    #[serde(default)]
    delay_ms: u64,
}

/// What the service wrote.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct Response {
    status: u16,
    error: Option<String>,
    suberror: Option<String>,
    error_codes: Vec<u32>,
    correlation_id: Option<String>,
    trace_id: Option<String>,
    retry_after: Option<u32>,
}

/// The names of the kinds.
#[derive(Deserialize)]
#[serde(remote = "ErrorKind", rename_all = "kebab-case")]
enum Kind {
    NotConfigured,
    AuthenticationFailed,
    Transient,
    InvalidArgument,
    Other,
}

impl Default for Token {
    fn default() -> Self {
        let (token_type, source) = ("Bearer".to_string(), "fake".to_string());
        let (token, refresh_in, details) = (None, None, BTreeMap::new());
        Self { token, token_type, expires_in: 3600, refresh_in, source, details, delay_ms: 0 }
    }
}

/// The answers in the variable's value: a list. Without a value each call gets a token.
///
/// # Errors
/// What is malformed.
pub fn parse(value: Option<String>) -> Result<Answers, String> {
    let Some(value) = value else { return Ok(Answers(Vec::new(), Answer::Token(Token::default()))) };
    let answers: Result<Vec<Answer>, _> = serde_json::from_str(&value);
    let mut answers = answers.map_err(|error| format!("{ANSWERS} is malformed: {error}"))?;
    let last = answers.pop().ok_or_else(|| format!("{ANSWERS} is malformed: the list is empty"))?;
    Ok(Answers(answers, last))
}

impl Answers {
    /// The answer of the call with this number; the first one is 1.
    pub fn of_call(&self, number: usize) -> &Answer {
        self.0.get(number.saturating_sub(1)).unwrap_or(&self.1)
    }
}

impl Answer {
    /// The milliseconds that the call takes.
    pub fn delay_ms(&self) -> u64 {
        match self {
            Self::Token(token) => token.delay_ms,
            Self::Error(failure) => failure.delay_ms,
        }
    }

    /// The outcome of the call with this number. `now` is in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// The error that the answer describes.
    pub fn outcome(
        &self,
        number: usize,
        include_details: bool,
        now: u64,
    ) -> Result<AccessToken, CredentialError> {
        match self.clone() {
            Self::Token(it) => Ok(AccessToken {
                token: it.token.unwrap_or_else(|| format!("fake-token-{number}")),
                token_type: it.token_type,
                expires_on: now.saturating_add_signed(it.expires_in),
                refresh_on: it.refresh_in.map(|seconds| now.saturating_add_signed(seconds)),
                source: it.source,
                details: if include_details { it.details.into_iter().collect() } else { Vec::new() },
            }),
            Self::Error(it) => Err(CredentialError {
                kind: it.kind,
                message: it
                    .message
                    .unwrap_or_else(|| format!("fake: call {number} fails, as {ANSWERS} says")),
                claims: it.claims.map(|claims| claims.to_string()),
                response: it.response.map(Into::into),
                attempts: Vec::new(),
                details: it.details.into_iter().collect(),
            }),
        }
    }
}

impl From<Response> for ServiceResponse {
    fn from(it: Response) -> Self {
        let Response { status, error, suberror, error_codes, correlation_id, trace_id, retry_after } = it;
        Self { status, error, suberror, error_codes, correlation_id, trace_id, retry_after }
    }
}

#[cfg(test)]
mod tests;
