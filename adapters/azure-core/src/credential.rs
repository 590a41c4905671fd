//! The identity that the component was composed with, as a credential of the SDK.

use crate::bindings::azure::identity::{token_credential, types};
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_core::time::OffsetDateTime;
use std::fmt;
use std::sync::Arc;

/// Gets tokens from the imported `azure:identity/token-credential`.
///
/// The composition of the component and the configuration of its host determine the identity. The provider caches and
/// renews tokens and retries requests, so this type does not. A call blocks the component until the provider returns,
/// two minutes at most.
///
/// An error has the kind [`ErrorKind::Credential`], which the SDK does not retry, and a [`CredentialError`] among its
/// sources: [`CredentialError::behind`] finds it.
#[derive(Clone, Debug, Default)]
pub struct ComponentCredential {
    tenant_id: Option<String>,
    claims: Option<String>,
}

impl ComponentCredential {
    /// The credential, in the form that clients of the SDK take.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The same identity in another tenant, given as an id or a domain name; the provider must allow the tenant.
    #[must_use]
    pub fn in_tenant(&self, tenant_id: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { tenant_id: Some(tenant_id.into()), ..self.clone() })
    }

    /// The same identity, with tokens that satisfy a claims challenge (JSON), as found in [`CredentialError::claims`] or
    /// in a resource's `WWW-Authenticate`. Such tokens bypass the provider's cache.
    #[must_use]
    pub fn with_claims(&self, claims: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { claims: Some(claims.into()), ..self.clone() })
    }

    fn build_request(&self, scopes: &[&str]) -> types::TokenRequest {
        types::TokenRequest {
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            tenant_id: self.tenant_id.clone(),
            claims: self.claims.clone(),
            // The SDK's policy repeats a challenged request with the same token, so a token with continuous access
            // evaluation, which lives for a day and may be challenged, would only cause failures.
            enable_cae: false,
            options: Vec::new(),
        }
    }
}

#[async_trait::async_trait]
impl TokenCredential for ComponentCredential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        match token_credential::get_token(&self.build_request(scopes)) {
            Ok(token) => access_token(token),
            Err(error) => Err(Error::new(ErrorKind::Credential, CredentialError::from(error))),
        }
    }
}

fn access_token(token: types::AccessToken) -> azure_core::Result<AccessToken> {
    // The SDK presents every token as a bearer token (RFC 6750).
    if !token.token_type.eq_ignore_ascii_case("Bearer") {
        let what =
            "the provider's token is not a bearer token, which is the only type that the SDK can present";
        return Err(Error::with_message(ErrorKind::Credential, what));
    }
    let expires_on = i64::try_from(token.expires_on).ok();
    let expires_on = expires_on.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let expires_on = expires_on.ok_or_else(|| {
        Error::with_message(
            ErrorKind::Credential,
            "the provider's token has an expiry outside the range of the calendar",
        )
    })?;
    Ok(AccessToken::new(token.token, expires_on))
}

/// The reason why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialError {
    /// The kind of failure, for programs.
    pub kind: CredentialErrorKind,
    /// For people: the source, the failure, and the remedy. It never contains a secret.
    pub message: String,
    /// The claims challenge to satisfy, JSON; `None`: there is none.
    pub claims: Option<String>,
    /// What the service wrote; `None`: no service responded.
    pub response: Option<ServiceResponse>,
    /// The attempts of a chain of credentials, in order; empty if the credential is no chain.
    pub attempts: Vec<Attempt>,
    /// Further facts about the failure, by key and value; empty: there are none.
    pub details: Vec<(String, String)>,
}

/// What a service wrote when it refused or failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceResponse {
    /// The HTTP status.
    pub status: u16,
    /// The OAuth error code, e.g. `invalid_grant`; `None`: there is none.
    pub error: Option<String>,
    /// Microsoft Entra's refinement of `error`; `None`: there is none.
    pub suberror: Option<String>,
    /// The `AADSTS` numbers of Microsoft Entra, for people; empty: there are none.
    pub error_codes: Vec<u32>,
    /// The id by which Microsoft's support finds the request; `None`: the service reported none.
    pub correlation_id: Option<String>,
    /// The id of the response in the service's logs; `None`: the service reported none.
    pub trace_id: Option<String>,
    /// When the service accepts a further request, in seconds from now; `None`: it did not say.
    pub retry_after: Option<u32>,
}

/// The kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialErrorKind {
    /// The service rejected the request.
    AuthenticationFailed,
    /// A scope, a tenant or the configuration is malformed or incomplete.
    InvalidArgument,
    /// No source is configured.
    NotConfigured,
    /// A response or a file is malformed.
    Other,
    /// The service could not be reached, or is busy.
    Transient,
}

/// A credential of a chain that returned no token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// Its name, e.g. `managed-identity/imds`.
    pub source: String,
    /// The kind of failure.
    pub kind: CredentialErrorKind,
    /// The failure, for people.
    pub message: String,
    /// What the service wrote; `None`: no service responded.
    pub response: Option<ServiceResponse>,
}

impl CredentialError {
    /// The credential's error among the sources of an error of the SDK, at any depth; `None`: the error has another
    /// cause.
    pub fn behind<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a CredentialError> {
        std::iter::successors(Some(error), |error| (*error).source()).find_map(|error| error.downcast_ref())
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CredentialError {}

impl From<types::CredentialError> for CredentialError {
    fn from(error: types::CredentialError) -> Self {
        let types::CredentialError { kind, message, claims, response, attempts, details } = error;
        let attempts = attempts.into_iter().map(Attempt::from).collect();
        Self { kind: kind.into(), message, claims, response: response.map(Into::into), attempts, details }
    }
}

impl From<types::ServiceResponse> for ServiceResponse {
    fn from(response: types::ServiceResponse) -> Self {
        Self {
            status: response.status,
            error: response.error,
            suberror: response.suberror,
            error_codes: response.error_codes,
            correlation_id: response.correlation_id,
            trace_id: response.trace_id,
            retry_after: response.retry_after,
        }
    }
}

impl From<types::Attempt> for Attempt {
    fn from(attempt: types::Attempt) -> Self {
        let response = attempt.response.map(Into::into);
        Self { source: attempt.source, kind: attempt.kind.into(), message: attempt.message, response }
    }
}

impl From<types::ErrorKind> for CredentialErrorKind {
    fn from(kind: types::ErrorKind) -> Self {
        match kind {
            types::ErrorKind::InvalidArgument => Self::InvalidArgument,
            types::ErrorKind::Other => Self::Other,
            types::ErrorKind::AuthenticationFailed => Self::AuthenticationFailed,
            types::ErrorKind::NotConfigured => Self::NotConfigured,
            types::ErrorKind::Transient => Self::Transient,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_contains_the_tenant_and_claims_of_the_credential() {
        let credential = ComponentCredential::new().in_tenant("contoso.com").with_claims("{}");
        let request = credential.build_request(&["https://vault.azure.net/.default"]);
        assert_eq!(request.scopes, ["https://vault.azure.net/.default"]);
        assert_eq!(
            (request.tenant_id.as_deref(), request.claims.as_deref()),
            (Some("contoso.com"), Some("{}"))
        );
        let plain = ComponentCredential::new().build_request(&[]);
        assert_eq!((plain.tenant_id, plain.claims, plain.enable_cae), (None, None, false));
    }

    #[test]
    fn an_expiry_outside_the_calendar_is_an_error() {
        let token = |expires_on| types::AccessToken {
            token: "secret".to_owned(),
            token_type: "Bearer".to_owned(),
            expires_on,
            refresh_on: None,
            source: String::new(),
            details: Vec::new(),
        };
        let good = access_token(token(1_800_000_000)).expect("the expiry is valid");
        assert_eq!((good.expires_on.unix_timestamp(), good.token.secret()), (1_800_000_000, "secret"));
        for impossible in [u64::MAX, i64::MAX as u64] {
            let error = access_token(token(impossible)).expect_err("the expiry is out of range");
            assert_eq!(error.kind(), &ErrorKind::Credential);
        }
    }

    #[test]
    fn an_error_of_the_sdk_carries_the_providers_whole_error() {
        let attempt = types::Attempt {
            source: "environment".to_owned(),
            kind: types::ErrorKind::NotConfigured,
            message: "not configured".to_owned(),
            response: None,
        };
        let error = types::CredentialError {
            kind: types::ErrorKind::AuthenticationFailed,
            message: "wrong secret".to_owned(),
            claims: Some("{}".to_owned()),
            response: Some(types::ServiceResponse {
                status: 401,
                error: Some("invalid_client".to_owned()),
                suberror: None,
                error_codes: vec![7_000_215],
                correlation_id: None,
                trace_id: None,
                retry_after: None,
            }),
            attempts: vec![attempt],
            details: Vec::new(),
        };
        let error = Error::new(ErrorKind::Credential, CredentialError::from(error));
        assert_eq!(error.to_string(), "wrong secret");
        let error = error.with_context("no token").with_context("not retried");
        let inner = CredentialError::behind(&error).expect("the error has a source");
        let response = inner.response.as_ref().expect("the service responded");
        assert_eq!(
            (inner.kind, &response.error_codes[..]),
            (CredentialErrorKind::AuthenticationFailed, &[7_000_215][..])
        );
        assert_eq!(inner.claims.as_deref(), Some("{}"));
        assert_eq!((inner.attempts.len(), inner.attempts[0].kind), (1, CredentialErrorKind::NotConfigured));
        assert_eq!(CredentialError::behind(&Error::with_message(ErrorKind::Io, "another")), None);
    }
}
