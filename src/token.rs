//! Tokens and secrets: the two things that must never be printed.

use crate::prelude::*;
use core::fmt;

/// Text that must not be seen: it has no `Display`, and its `Debug` is `REDACTED`. The component's allocator
/// overwrites what is freed (`runtime/`).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that puts it on the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Hands the text over; whoever takes it answers for it from then on.
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

/// An access token and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// How it is presented, `Bearer` as a rule.
    pub token_type: String,
    /// When it ends, in seconds since the Unix epoch.
    pub expires_on: u64,
    /// From when on a new one is due, in seconds since the Unix epoch; `None`: when it expires.
    pub refresh_on: Option<u64>,
    /// The credential it came from, e.g. `managed-identity/imds`.
    pub source: &'static str,
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
        };
        assert_eq!(
            format!("{token:?}"),
            r#"AccessToken { token: REDACTED, token_type: "Bearer", expires_on: 7, refresh_on: None, source: "test" }"#
        );
    }
}
