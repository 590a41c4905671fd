//! The types of `azure:identity/types`, as they are passed between host and component.
//!
//! Written by hand: the records of `bindgen!` derive a `Debug` that would print the token.

use std::fmt;
use wasmtime::component::{ComponentType, Lift, Lower};
use zeroize::Zeroize;

/// A request for a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct TokenRequest {
    /// The scopes of the token, e.g. `https://vault.azure.net/.default`; at least one.
    #[component(name = "scopes")]
    pub scopes: Vec<String>,
    /// The tenant that issues the token; `None` or blank: the credential's own.
    #[component(name = "tenant-id")]
    pub tenant_id: Option<String>,
    /// The claims challenge of a resource that refused an earlier token, as JSON text; `None` or blank: there is none.
    /// A request with claims is not answered from a cache, and its token replaces the cached one.
    #[component(name = "claims")]
    pub claims: Option<String>,
    /// Whether the caller can satisfy a claims challenge (continuous access evaluation).
    #[component(name = "enable-cae")]
    pub enable_cae: bool,
    /// Further options, by key and value; the provider refuses those that it does not know.
    #[component(name = "options")]
    pub options: Vec<(String, String)>,
}

impl TokenRequest {
    /// A request for one scope, with all options unset.
    ///
    /// # Examples
    /// ```
    /// use azure_identity_wasmtime::TokenRequest;
    ///
    /// let mut request = TokenRequest::new("https://vault.azure.net/.default");
    /// request.tenant_id = Some("contoso.com".to_owned());
    /// ```
    pub fn new(scope: impl Into<String>) -> Self {
        Self { scopes: vec![scope.into()], ..Self::default() }
    }
}

/// A token and its properties.
///
/// `Debug` does not show the token. Its memory is overwritten when the value is dropped, so there is no `Clone`.
#[derive(PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct AccessToken {
    #[component(name = "token")]
    token: String,
    /// The type of the token, in almost all cases `Bearer`.
    #[component(name = "token-type")]
    pub token_type: String,
    /// When it ends, in seconds since 1970-01-01T00:00:00Z.
    #[component(name = "expires-on")]
    pub expires_on: u64,
    /// When its renewal is due, in seconds since 1970-01-01T00:00:00Z; `None`: five minutes before `expires_on`.
    #[component(name = "refresh-on")]
    pub refresh_on: Option<u64>,
    /// The credential it came from, e.g. `managed-identity/imds`. For people; do not match on it.
    #[component(name = "source")]
    pub source: String,
    /// Facts about the token and its identity, by key and value; empty unless the request's option `include-details` is
    /// `true`. `from-cache` is about the cache of the instance that fetched the token, not about the embedder's.
    #[component(name = "details")]
    pub details: Vec<(String, String)>,
}

impl AccessToken {
    /// The token itself, ASCII. **Secret**: it authenticates its holder as the identity until it ends.
    pub fn secret(&self) -> &str {
        &self.token
    }

    /// A token that a shared cache has. `times`: `expires_on` and `refresh_on`.
    pub(crate) fn new(
        token: String,
        token_type: String,
        times: (u64, Option<u64>),
        source: String,
        details: Vec<(String, String)>,
    ) -> Self {
        let (expires_on, refresh_on) = times;
        Self { token, token_type, expires_on, refresh_on, source, details }
    }

    #[cfg(test)]
    pub(crate) fn test(token: &str, expires_on: u64, refresh_on: Option<u64>) -> Self {
        let (token_type, source) = ("Bearer".to_owned(), "test".to_owned());
        Self { token: token.to_owned(), token_type, expires_on, refresh_on, source, details: Vec::new() }
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
            .field("details", &self.details)
            .finish()
    }
}

/// The kind of a failure, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum ErrorKind {
    /// Nothing is configured here, or an endpoint that no setting names does not respond.
    #[component(name = "not-configured")]
    NotConfigured,
    /// The service refused. The same request fails again until its cause is removed.
    #[component(name = "authentication-failed")]
    AuthenticationFailed,
    /// A service could not be reached, or failed, or took too long. The same request may succeed later.
    #[component(name = "transient")]
    Transient,
    /// The request or the configuration is malformed or impossible. Nothing was sent.
    #[component(name = "invalid-argument")]
    InvalidArgument,
    /// Anything else, for example a malformed response, or an instance of the provider that trapped.
    #[component(name = "other")]
    Other,
}

impl ErrorKind {
    /// The name in the interface, e.g. `not-configured`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotConfigured => "not-configured",
            Self::AuthenticationFailed => "authentication-failed",
            Self::Transient => "transient",
            Self::InvalidArgument => "invalid-argument",
            Self::Other => "other",
        }
    }
}

/// What a service wrote when it refused or failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct ServiceResponse {
    /// The HTTP status; 0 for an error that the user's browser brought back from a sign-in.
    #[component(name = "status")]
    pub status: u16,
    /// The OAuth error code, e.g. `invalid_grant`; `None`: there is none.
    #[component(name = "error")]
    pub error: Option<String>,
    /// Microsoft Entra's refinement of `error`, e.g. `consent_required`; `None`: there is none.
    #[component(name = "suberror")]
    pub suberror: Option<String>,
    /// The `AADSTS` numbers of Microsoft Entra, for people; empty: none.
    #[component(name = "error-codes")]
    pub error_codes: Vec<u32>,
    /// The id by which Microsoft's support finds the request; `None`: the service reported none.
    #[component(name = "correlation-id")]
    pub correlation_id: Option<String>,
    /// The id of the response in the service's logs; `None`: the service reported none.
    #[component(name = "trace-id")]
    pub trace_id: Option<String>,
    /// When the service accepts a further request, in seconds from now, rounded up; `None`: it did not say.
    #[component(name = "retry-after")]
    pub retry_after: Option<u32>,
}

/// One member of a chain that was tried before the chain ended.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Attempt {
    /// The member's name, e.g. `environment`.
    #[component(name = "source")]
    pub source: String,
    /// The kind of its failure.
    #[component(name = "kind")]
    pub kind: ErrorKind,
    /// Why it failed, and what to do about it; holds no secret.
    #[component(name = "message")]
    pub message: String,
    /// What the service wrote; `None`: no service responded.
    #[component(name = "response")]
    pub response: Option<ServiceResponse>,
}

/// Why there is no token. Holds no secret, and may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, ComponentType, Lift, Lower)]
#[component(record)]
#[error("{message}")]
pub struct CredentialError {
    /// The kind of failure, for programs.
    #[component(name = "kind")]
    pub kind: ErrorKind,
    /// For people: which part failed, what was tried, what to do.
    #[component(name = "message")]
    pub message: String,
    /// The claims challenge that must be satisfied first, as JSON text; `None`: there is none.
    #[component(name = "claims")]
    pub claims: Option<String>,
    /// What the service wrote; `None`: no service responded.
    #[component(name = "response")]
    pub response: Option<ServiceResponse>,
    /// The members of a chain that were tried, in order; empty: it was not a chain.
    #[component(name = "attempts")]
    pub attempts: Vec<Attempt>,
    /// Further facts about the failure, by key and value; ignore the keys that you do not know.
    #[component(name = "details")]
    pub details: Vec<(String, String)>,
}

impl CredentialError {
    /// An error of this host, not of the provider in it.
    pub(crate) fn of_host(kind: ErrorKind, what: impl fmt::Display) -> Self {
        let message = azure_token_rules::error::message("azure-identity-wasmtime", &what);
        Self { kind, message, claims: None, response: None, attempts: Vec::new(), details: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_token_shows_no_secret() {
        assert_eq!(
            format!("{:?}", AccessToken::test("eyJ0eXAi", 7, None)),
            r#"AccessToken { token: REDACTED, token_type: "Bearer", expires_on: 7, refresh_on: None, source: "test", details: [] }"#
        );
    }
}
