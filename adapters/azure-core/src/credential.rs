//! The identity that the component was composed with, as a credential of the SDK.

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_core::time::OffsetDateTime;
pub use azure_identity_guest::{Attempt, CredentialError, ErrorKind as CredentialErrorKind, ServiceResponse};
use azure_identity_guest::{TokenRequest, get_token};
use std::sync::Arc;

/// Gets tokens from the imported `azure:identity/token-credential`.
///
/// The composition of the component and the configuration of its host determine the identity. The provider caches and
/// renews tokens and retries requests, so this type does not. A call blocks the component until the provider returns,
/// two minutes at most.
///
/// An error has the kind [`ErrorKind::Credential`], which the SDK does not retry, and a [`CredentialError`] among its
/// sources: [`CredentialError::behind`] finds it.
///
/// # Examples
/// ```
/// use azure_core_wasi::ComponentCredential;
///
/// let credential = ComponentCredential::new();
/// let elsewhere = credential.in_tenant("contoso.com");
/// ```
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

    /// Without continuous access evaluation: the SDK's policy repeats a challenged request with the same token, so a token
    /// that lives for a day and may be challenged would only cause failures.
    fn build_request(&self, scopes: &[&str]) -> TokenRequest {
        let mut request = TokenRequest::from(scopes);
        if let Some(tenant_id) = &self.tenant_id {
            request = request.tenant_id(tenant_id);
        }
        if let Some(claims) = &self.claims {
            request = request.claims(claims);
        }
        request
    }
}

#[async_trait::async_trait]
impl TokenCredential for ComponentCredential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        match get_token(self.build_request(scopes)) {
            Ok(token) => access_token(&token),
            Err(error) => Err(Error::new(ErrorKind::Credential, error)),
        }
    }
}

fn access_token(token: &azure_identity_guest::AccessToken) -> azure_core::Result<AccessToken> {
    let expires_on = i64::try_from(token.expires_on).ok();
    let expires_on = expires_on.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let expires_on = expires_on.ok_or_else(|| {
        Error::with_message(
            ErrorKind::Credential,
            "the provider's token has an expiry outside the range of the calendar",
        )
    })?;
    Ok(AccessToken::new(token.secret().to_owned(), expires_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_contains_the_tenant_and_claims_of_the_credential() {
        let credential = ComponentCredential::new().in_tenant("contoso.com").with_claims("{}");
        let scope = "https://vault.azure.net/.default";
        let expected = TokenRequest::new([scope]).tenant_id("contoso.com").claims("{}");
        assert_eq!(credential.build_request(&[scope]), expected);
        assert_eq!(ComponentCredential::new().build_request(&[scope]), TokenRequest::new([scope]));
    }

    #[test]
    fn an_expiry_outside_the_calendar_is_an_error() {
        let token = |expires_on| {
            azure_identity_guest::AccessToken::new("secret", expires_on).expect("the token is valid")
        };
        let good = access_token(&token(1_800_000_000)).expect("the expiry is valid");
        assert_eq!((good.expires_on.unix_timestamp(), good.token.secret()), (1_800_000_000, "secret"));
        for impossible in [u64::MAX, i64::MAX as u64] {
            let error = access_token(&token(impossible)).expect_err("the expiry is out of range");
            assert_eq!(error.kind(), &ErrorKind::Credential);
        }
    }

    #[test]
    fn an_error_of_the_sdk_carries_the_providers_error() {
        let error = CredentialError::new(CredentialErrorKind::AuthenticationFailed, "wrong secret");
        let error = Error::new(ErrorKind::Credential, error);
        assert_eq!(error.to_string(), "wrong secret");
        let error = error.with_context("no token").with_context("not retried");
        let inner = CredentialError::behind(&error).expect("the error has a source");
        assert_eq!(inner.kind, CredentialErrorKind::AuthenticationFailed);
        assert_eq!(CredentialError::behind(&Error::with_message(ErrorKind::Io, "another")), None);
    }
}
