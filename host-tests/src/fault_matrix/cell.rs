//! The result of one cell.

use crate::bindings::{AccessToken, CredentialError};
use std::time::Duration;

/// What a call did while a fault was injected, and how it recovered.
pub struct Cell {
    /// The outcome; the outer error is a trap, or a call that does not return.
    pub outcome: Result<Result<AccessToken, CredentialError>, String>,
    /// The requests, oldest first.
    pub requests: Vec<SentRequest>,
    /// The duration of the call.
    pub took: Duration,
    /// The outcome of the next call, after the fault was removed.
    pub recovery: Recovery,
    /// The rules that the cell violates, as messages.
    pub violations: Vec<String>,
}

/// A request of a call.
#[derive(Clone, Debug)]
pub struct SentRequest {
    /// When it was sent, since the call began.
    pub at: Duration,
    /// Host and port.
    pub authority: String,
    /// The path, without the query.
    pub path: String,
}

/// The outcome of the next call, after the fault was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The same credential returned a token.
    SameCredential,
    /// The same credential returned no token, and a new one did.
    NewCredential,
    /// Neither returned a token, for this reason.
    None(String),
}

impl Cell {
    /// A cell that could not be run: the test environment failed, not the component.
    pub fn not_run(error: &anyhow::Error) -> Self {
        let error = format!("{error:#}");
        let recovery = Recovery::None("not called".to_owned());
        let violations = vec![error.clone()];
        Self { outcome: Err(error), requests: Vec::new(), took: Duration::ZERO, recovery, violations }
    }

    /// The error that the call returned, if it returned one.
    pub fn error(&self) -> Option<&CredentialError> {
        self.outcome.as_ref().ok()?.as_ref().err()
    }
}
