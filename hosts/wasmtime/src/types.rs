//! The types of `azure:identity/types`, as they cross the seam.
//!
//! Written by hand and not by `bindgen!`, whose records print themselves, token included.

use std::fmt;
use wasmtime::component::{ComponentType, Lift, Lower};
use zeroize::Zeroize;

/// What a token is wanted for.
#[derive(Clone, Debug, Default, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct TokenRequest {
    /// What the token must be good for, e.g. `https://vault.azure.net/.default`; at least one.
    #[component(name = "scopes")]
    pub scopes: Vec<String>,
    /// The tenant to ask instead of the credential's own; `None` or blank: the credential's own.
    #[component(name = "tenant-id")]
    pub tenant_id: Option<String>,
    /// The claims challenge of a resource that refused an earlier token, as JSON text; `None` or blank:
    /// there is none. Such a request is never answered from a cache, and its answer replaces what was kept.
    #[component(name = "claims")]
    pub claims: Option<String>,
    /// Whether the caller can answer a claims challenge (continuous access evaluation).
    #[component(name = "enable-cae")]
    pub enable_cae: bool,
}

impl TokenRequest {
    /// A request for one scope, and nothing else.
    pub fn new(scope: impl Into<String>) -> Self {
        Self { scopes: vec![scope.into()], ..Self::default() }
    }
}

/// A token and what is known of it.
///
/// Its `Debug` does not show the token, and the token's memory is overwritten when the last owner lets go
/// of it; that is why there is no `Clone`.
#[derive(PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct AccessToken {
    #[component(name = "token")]
    token: String,
    /// How it is presented, `Bearer` as a rule.
    #[component(name = "token-type")]
    pub token_type: String,
    /// When it ends, in seconds since 1970-01-01T00:00:00Z.
    #[component(name = "expires-on")]
    pub expires_on: u64,
    /// From when on a new one is due, in seconds since 1970-01-01T00:00:00Z; `None`: no time is known but
    /// `expires_on`.
    #[component(name = "refresh-on")]
    pub refresh_on: Option<u64>,
    /// Which credential it came from, e.g. `managed-identity/imds`. For people; do not match on it.
    #[component(name = "source")]
    pub source: String,
}

impl AccessToken {
    /// The token itself, ASCII. **Secret**: whoever holds it is the identity until it expires.
    pub fn secret(&self) -> &str {
        &self.token
    }

    #[cfg(test)]
    pub(crate) fn test(token: &str, expires_on: u64, refresh_on: Option<u64>) -> Self {
        let (token_type, source) = ("Bearer".to_owned(), "test".to_owned());
        Self { token: token.to_owned(), token_type, expires_on, refresh_on, source }
    }
}

impl Drop for AccessToken {
    fn drop(&mut self) {
        self.token.zeroize();
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("token", &format_args!("REDACTED"))
            .field("token_type", &self.token_type)
            .field("expires_on", &self.expires_on)
            .field("refresh_on", &self.refresh_on)
            .field("source", &self.source)
            .finish()
    }
}

/// What sort of failure it was, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum ErrorKind {
    /// Nothing is configured here, or nobody answers at an endpoint that nothing configured.
    #[component(name = "unavailable")]
    Unavailable,
    /// The service was asked and said no. The same request will fail again until somebody changes something.
    #[component(name = "rejected")]
    Rejected,
    /// A service could not be asked, or failed, or took too long. The same request may succeed later.
    #[component(name = "unreachable")]
    Unreachable,
    /// The caller or the configuration asked for something malformed or impossible. Nothing was sent.
    #[component(name = "invalid-request")]
    InvalidRequest,
    /// Anything else: an answer that makes no sense, an instance of the provider that trapped.
    #[component(name = "other")]
    Other,
}

/// One member of a chain that was tried before the chain ended.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Attempt {
    /// The member's name, e.g. `environment`.
    #[component(name = "source")]
    pub source: String,
    /// How it failed.
    #[component(name = "kind")]
    pub kind: ErrorKind,
    /// Why, and what to do about it; never secret.
    #[component(name = "message")]
    pub message: String,
}

/// Why there is no token. Contains no secret and may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, ComponentType, Lift, Lower)]
#[component(record)]
#[error("{message}")]
pub struct CredentialError {
    /// For programs.
    #[component(name = "kind")]
    pub kind: ErrorKind,
    /// For people: who failed, what was tried, what to do.
    #[component(name = "message")]
    pub message: String,
    /// The `AADSTS` numbers of Microsoft Entra; empty: none.
    #[component(name = "error-codes")]
    pub error_codes: Vec<u32>,
    /// The claims challenge that Microsoft Entra wants satisfied; `None`: there is none.
    #[component(name = "claims")]
    pub claims: Option<String>,
    /// What a chain tried, in order; empty when it was no chain.
    #[component(name = "attempts")]
    pub attempts: Vec<Attempt>,
}

impl CredentialError {
    /// An error of this host, not of the provider in it.
    pub(crate) fn of_host(kind: ErrorKind, what: impl fmt::Display) -> Self {
        let message = format!("azure-identity-wasmtime: {what}");
        Self { kind, message, error_codes: Vec::new(), claims: None, attempts: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_token_shows_no_secret() {
        assert_eq!(
            format!("{:?}", AccessToken::test("eyJ0eXAi", 7, None)),
            r#"AccessToken { token: REDACTED, token_type: "Bearer", expires_on: 7, refresh_on: None, source: "test" }"#
        );
    }
}
