//! What comes of a call, and which of our outcomes is which of theirs: THE MAPPING.
//!
//! | an SDK says | so must we |
//! |---|---|
//! | `made`: the constructor did not fail | a credential |
//! | `token` | a token |
//! | `unavailable` | `unavailable` |
//! | `invalid-argument` | `invalid-request` |
//! | `auth-failed` | `rejected`, `unreachable` or `other`; of a chain, also `unavailable` |
//! | `authentication-required`: JavaScript's `AuthenticationRequiredError`, whatever msal-node failed at | as `auth-failed` |
//! | `other`: an exception of the language or the HTTP client | any error but `unavailable` |
//!
//! A chain of theirs whose members are all unavailable fails as `auth-failed`; ours is `unavailable`
//! then, so that chains can be members of chains (`wit/0.2/types.wit`, `error-kind`). It counts only when
//! every attempt that we name was unavailable.
//!
//! A credential that is not there yet says so with `other`; here that is `not-implemented`, which is
//! nothing of theirs.
//!
//! `other` is no claim about the cause. What counts there is that a chain does not go on: every
//! exception that is not the SDK's own stops one.

use host_tests::bindings::{AccessToken, CredentialError, ErrorKind};
use host_tests::case::run::name;
use serde::{Deserialize, Serialize};

/// What came of a call; the kind is spelled as its side spells it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Outcome {
    /// `token`, or how it failed.
    pub kind: String,
    /// The token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// When it ends, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<f64>,
    /// Whether a chain failed because nothing in it was available. Ours only.
    #[serde(skip)]
    pub is_all_unavailable: bool,
    /// Why, for people. Ours only.
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
                kind: match error.message.contains("not implemented") {
                    true => "not-implemented".to_owned(),
                    false => name(error.kind).to_owned(),
                },
                is_all_unavailable: error
                    .attempts
                    .iter()
                    .all(|attempt| attempt.kind == ErrorKind::Unavailable),
                message: error.message,
                ..Self::default()
            },
        }
    }
}

impl Outcome {
    /// A credential was made, and nothing was asked of it.
    pub fn made() -> Self {
        Self { kind: "made".to_owned(), ..Self::default() }
    }
}

/// Whether our outcome is of the kind that theirs is. `is_chain`: several were asked, one by one.
pub fn is_same_kind(theirs: &Outcome, ours: &Outcome, is_chain: bool) -> bool {
    let ours_is = |kinds: &[&str]| kinds.contains(&ours.kind.as_str());
    match theirs.kind.as_str() {
        "made" => ours_is(&["made"]),
        "token" => ours_is(&["token"]),
        "unavailable" => ours_is(&["unavailable"]),
        "invalid-argument" => ours_is(&["invalid-request"]),
        "auth-failed" | "authentication-required" => {
            ours_is(&["rejected", "unreachable", "other"])
                || (is_chain && ours_is(&["unavailable"]) && ours.is_all_unavailable)
        }
        "other" => ours_is(&["invalid-request", "rejected", "unreachable", "other"]),
        _ => false,
    }
}
