//! The outcome of a call, and the mapping of the SDKs' outcomes to those of the component.
//!
//! | SDK | component |
//! |---|---|
//! | `made`: the constructor succeeded | a credential |
//! | `token` | a token |
//! | `unavailable` | `not-configured` |
//! | `invalid-argument` | `invalid-argument` |
//! | `auth-failed` | `authentication-failed`, `transient` or `other`; of a chain, also `not-configured` |
//! | `authentication-required`: JavaScript's `AuthenticationRequiredError`, for any cause | as `auth-failed` |
//! | `other`: an exception of the language or the HTTP client | any error but `not-configured` |
//!
//! A chain of an SDK whose members are all unavailable fails with `auth-failed`. The component's chain fails with
//! `not-configured`, so that chains can be members of chains (`wit/0.2/types.wit`, `error-kind`). The two count as equal only when
//! every attempt in the component's error is `not-configured`.
//!
//! `other` does not name a cause. It stops a chain, as every exception outside the SDK's own does, so it equals every error
//! that stops a chain.

use host_tests::bindings::{AccessToken, CredentialError, ErrorKind};
use host_tests::error_kind::name;
use serde::{Deserialize, Serialize};

/// The outcome of a call; the kind has its name in the SDK or in WIT.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Outcome {
    /// `token`, `made`, or the kind of the error.
    pub kind: String,
    /// The token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The expiry of the token, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<f64>,
    /// Whether a chain failed because all of its members are unavailable. Of the component only.
    #[serde(skip)]
    pub is_all_unavailable: bool,
    /// The token's source, or the error's message. Of the component only.
    #[serde(skip)]
    pub message: String,
}

impl From<Result<AccessToken, CredentialError>> for Outcome {
    fn from(result: Result<AccessToken, CredentialError>) -> Self {
        match result {
            Ok(token) => Self {
                kind: "token".to_owned(),
                expires_on: Some(token.expires_on as f64),
                token: Some(token.token),
                message: format!("of {}", token.source),
                ..Self::default()
            },
            Err(error) => Self {
                kind: name(error.kind).to_owned(),
                is_all_unavailable: error
                    .attempts
                    .iter()
                    .all(|attempt| attempt.kind == ErrorKind::NotConfigured),
                message: error.message,
                ..Self::default()
            },
        }
    }
}

impl Outcome {
    /// A credential was constructed, and no token was requested.
    pub fn made() -> Self {
        Self { kind: "made".to_owned(), ..Self::default() }
    }
}

/// Whether the component's outcome is of the same kind as the SDK's.
pub fn is_same_kind(theirs: &Outcome, ours: &Outcome, is_chain: bool) -> bool {
    let ours_is = |kinds: &[&str]| kinds.contains(&ours.kind.as_str());
    match theirs.kind.as_str() {
        "made" => ours_is(&["made"]),
        "token" => ours_is(&["token"]),
        "unavailable" => ours_is(&["not-configured"]),
        "invalid-argument" => ours_is(&["invalid-argument"]),
        "auth-failed" | "authentication-required" => {
            ours_is(&["authentication-failed", "transient", "other"])
                || (is_chain && ours_is(&["not-configured"]) && ours.is_all_unavailable)
        }
        "other" => ours_is(&["invalid-argument", "authentication-failed", "transient", "other"]),
        _ => false,
    }
}
