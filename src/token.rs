//! Tokens and secrets, which are never printed.

use crate::prelude::*;
use crate::token_details::TokenDetails;
use alloc::rc::Rc;
use core::fmt;

/// A secret text: it has no `Display`, and its `Debug` is `REDACTED`. The component's allocator overwrites it
/// when it is freed (`runtime/`).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, for the code that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the text, which the caller has to keep secret from then on.
    pub fn into_exposed(self) -> String {
        self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("REDACTED")
    }
}

/// An access token and its properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// The scheme of the `Authorization` header, as a rule `Bearer`.
    pub token_type: String,
    /// When it expires, in seconds since the Unix epoch.
    pub expires_on: u64,
    /// When a new one is due, in seconds since the Unix epoch; `None`: when it expires.
    pub refresh_on: Option<u64>,
    /// The source that it is from, e.g. `managed-identity/imds`.
    pub source: &'static str,
    /// Facts about its identity.
    pub details: Rc<TokenDetails>,
    /// Whether the cache returned it.
    pub from_cache: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_token_shows_no_secret() {
        let token = AccessToken {
            token: "eyJ0eXAi".into(),
            token_type: "Bearer".into(),
            expires_on: 7,
            refresh_on: None,
            source: "test",
            details: Rc::default(),
            from_cache: false,
        };
        assert_eq!(
            format!("{token:?}").split_once(", expires_on").expect("a field").0,
            r#"AccessToken { token: REDACTED, token_type: "Bearer""#
        );
    }
}
