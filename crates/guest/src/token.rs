//! The token.

use crate::error::{CredentialError, ErrorKind};
use std::fmt;
use zeroize::Zeroize;

/// A bearer token (RFC 6750) and its properties.
///
/// `Debug` does not show the token. Its memory is overwritten when the value is dropped, so there is no `Clone`.
#[derive(PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessToken {
    token: String,
    /// When it expires, in seconds since 1970-01-01T00:00:00Z.
    pub expires_on: u64,
    /// From when an app that keeps the token itself should ask for a new one, in seconds since 1970-01-01T00:00:00Z; `None`:
    /// it is good until `expires_on`. An app that calls `get_token` each time ignores it.
    pub refresh_on: Option<u64>,
    /// The credential that it comes from, e.g. `managed-identity/imds`. For people; programs must not match on it.
    pub source: String,
    /// Facts about the token and its identity, by key and value; empty unless the request had
    /// [`include_details`](crate::TokenRequest::include_details).
    pub details: Vec<(String, String)>,
}

impl AccessToken {
    /// A token for the unit tests of an app, without `refresh_on`, source and details. The provider makes all others.
    /// `expires_on`: in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`ErrorKind::Other`] when it has a character that no token has: anything but visible ASCII characters.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_guest::AccessToken;
    /// let token = AccessToken::new("an.opaque.token", 1_800_000_000)?;
    /// assert_eq!(token.secret(), "an.opaque.token");
    /// assert!(!format!("{token:?}").contains("opaque"));
    /// # Ok::<(), azure_identity_guest::CredentialError>(())
    /// ```
    pub fn new(token: impl Into<String>, expires_on: u64) -> Result<Self, CredentialError> {
        let (source, details) = (String::new(), Vec::new());
        let token = Self { token: token.into(), expires_on, refresh_on: None, source, details };
        // RFC 6750, section 2.1. A line break would end the header.
        if token.token.is_empty() || !token.token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = "the provider's token is empty or has a character that no token has";
            return Err(CredentialError::new(ErrorKind::Other, message));
        }
        Ok(token)
    }

    /// The token itself, ASCII. **Secret**: its holder acts as the identity until it expires.
    pub fn secret(&self) -> &str {
        &self.token
    }

    /// The value of the header `Authorization` that presents the token: `Bearer` and the token. It is marked as sensitive, so
    /// that `Debug` does not show it, and HTTP/2 and HTTP/3 do not index it.
    ///
    /// # Examples
    /// ```no_run
    /// # fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let token = azure_identity_guest::get_token(["https://vault.azure.net/.default"])?;
    /// let request = http::Request::get("https://contoso.vault.azure.net/secrets/greeting?api-version=7.6")
    ///     .header(http::header::AUTHORIZATION, token.authorization())
    ///     .body(())?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "http")]
    pub fn authorization(&self) -> http::HeaderValue {
        // Never the alternative, because `new` admits no character that a header may not have.
        let mut value = http::HeaderValue::try_from(format!("Bearer {}", self.token))
            .unwrap_or(http::HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }

    /// One of the `details`; `None`: the request did not ask for them, or the source does not know it. The keys of 0.2.0:
    /// `tenant-id`, `client-id`, `object-id`, `username`, `authority`, and `from-cache` (`true` or `false`).
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_guest::{TokenRequest, get_token};
    /// # fn run() -> Result<(), azure_identity_guest::CredentialError> {
    /// let token = get_token(TokenRequest::new(["https://vault.azure.net/.default"]).include_details())?;
    /// println!("{}", token.detail("object-id").unwrap_or("unknown"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn detail(&self, key: &str) -> Option<&str> {
        self.details.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
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
            .field("expires_on", &self.expires_on)
            .field("refresh_on", &self.refresh_on)
            .field("source", &self.source)
            .field("details", &self.details)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_token_shows_no_secret() {
        let token = AccessToken::new("eyJ0eXAi", 7).expect("the token is valid");
        assert_eq!(
            format!("{token:?}"),
            r#"AccessToken { token: REDACTED, expires_on: 7, refresh_on: None, source: "", details: [] }"#
        );
    }

    #[cfg(feature = "http")]
    #[test]
    fn the_header_presents_the_token_and_is_sensitive() {
        let header = AccessToken::new("eyJ0eXAi", 7).expect("the token is valid").authorization();
        assert_eq!((header.as_bytes(), header.is_sensitive()), (&b"Bearer eyJ0eXAi"[..], true));
        assert!(!format!("{header:?}").contains("eyJ"), "{header:?}");
    }

    #[test]
    fn a_token_that_would_break_its_header_is_an_error_without_the_token() {
        for broken in ["", "a b", "secret\r\nx-injected: 1", "sécret", "secret\0"] {
            let error = AccessToken::new(broken, 7).expect_err("the token is refused");
            assert_eq!(
                (error.kind, error.to_string().as_str()),
                (ErrorKind::Other, "the provider's token is empty or has a character that no token has"),
                "{broken:?}"
            );
        }
    }
}
