//! The line of a call: a JSON object.

use alloc::string::String;
use alloc::vec::Vec;
use azure_middleware_bindings::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use azure_token_rules::request::{MAX_TENANT, has_characters_of_scope};
use serde::Serialize;

/// The line of a call, begun with the request and completed with the outcome.
///
/// It has the scopes and the tenant of the request, which are no secrets; whether there are claims, and not their content;
/// and no option. Of a token it has neither the text nor the details, of an error neither message nor claims.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Line {
    event: &'static str,
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more_scopes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    claims: bool,
    cae: bool,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_cache: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suberror: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    error_codes: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
    duration_ms: u64,
}

impl Line {
    /// The line of a request.
    pub fn of(request: &TokenRequest) -> Self {
        let scopes = request.scopes.iter().take(MAX_SCOPES);
        Self {
            event: "get-token",
            scopes: scopes.map(|scope| shown(scope, MAX_SCOPE)).collect(),
            more_scopes: request.scopes.len().checked_sub(MAX_SCOPES).filter(|more| *more > 0),
            tenant: request.tenant_id.as_deref().map(|tenant| shown(tenant, MAX_TENANT)),
            claims: request.claims.is_some(),
            cae: request.enable_cae,
            ..Self::default()
        }
    }

    /// The text of the line, with its line feed. `now` is in seconds since 1970-01-01T00:00:00Z, `duration` in nanoseconds.
    pub fn complete(self, outcome: &Result<AccessToken, CredentialError>, now: u64, duration: u64) -> String {
        let line = Self { duration_ms: duration / 1_000_000, ..self };
        let line = match outcome {
            Ok(token) => line.with_token(token, now),
            Err(error) => line.with_error(error),
        };
        // Texts, numbers and lists of them can always be written.
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        text
    }

    fn with_token(self, token: &AccessToken, now: u64) -> Self {
        let seconds = |time| i64::try_from(time).unwrap_or(i64::MAX);
        // Of all details this alone is read: others name persons. It is there if the app asked for details.
        let from_cache = token.details.iter().find(|(key, _)| key == "from-cache");
        Self {
            outcome: "token",
            source: Some(shown(&token.source, MAX_NAME)),
            expires_in: Some(seconds(token.expires_on).saturating_sub(seconds(now))),
            from_cache: from_cache.and_then(|(_, value)| value.parse().ok()),
            ..self
        }
    }

    fn with_error(self, error: &CredentialError) -> Self {
        let line = Self { outcome: name(error.kind), ..self };
        let Some(response) = &error.response else { return line };
        let shown = |text: &Option<String>| text.as_deref().map(|text| shown(text, MAX_NAME));
        Self {
            status: Some(response.status),
            error: shown(&response.error),
            suberror: shown(&response.suberror),
            error_codes: response.error_codes.iter().copied().take(MAX_CODES).collect(),
            correlation_id: shown(&response.correlation_id),
            ..line
        }
    }
}

/// A text from outside: its first characters, of which any that no scope has becomes `?`. So no text ends the line, steers
/// a terminal, or looks like another one.
fn shown(text: &str, length: usize) -> String {
    let is_plain = |one: char| has_characters_of_scope(one.encode_utf8(&mut [0; 4]));
    text.chars().take(length).map(|one| if is_plain(one) { one } else { '?' }).collect()
}

fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotConfigured => "not-configured",
        ErrorKind::AuthenticationFailed => "authentication-failed",
        ErrorKind::Transient => "transient",
        ErrorKind::InvalidArgument => "invalid-argument",
        ErrorKind::Other => "other",
    }
}

// Together they keep the line below 4096 bytes, which WASI 0.2 writes at once.
const MAX_SCOPES: usize = 8;
const MAX_SCOPE: usize = 256;
const MAX_NAME: usize = 64;
const MAX_CODES: usize = 8;

#[cfg(test)]
mod tests;
