//! Why connections failed during a call, in the words that `wasi:http` has no error code for.

use crate::types::CredentialError;
#[cfg(feature = "client")]
use crate::warnings::Warning;
use crate::warnings::Warnings;
use std::sync::{Arc, Mutex, PoisonError};

/// The failed connections of one instance's current call. The HTTP client records them, because the component learns an
/// error code alone; the instance adds them to the error that the call returns.
#[derive(Clone)]
pub(crate) struct ConnectionFailures {
    failures: Arc<Mutex<Vec<String>>>,
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "the client writes them"))]
    warnings: Arc<Warnings>,
}

impl ConnectionFailures {
    pub(crate) fn new(warnings: Arc<Warnings>) -> Self {
        Self { failures: Arc::default(), warnings }
    }

    /// Forgets the failures of the previous call.
    pub(crate) fn clear(&self) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Adds the failures of this call to its error: to the message for people, and as `connection-failure` to the details.
    pub(crate) fn explain(&self, mut error: CredentialError) -> CredentialError {
        for failure in self.failures.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            error.message.push_str("; ");
            error.message.push_str(&failure);
            error.details.push((DETAIL.to_owned(), failure));
        }
        error
    }

    /// Records a failure, and logs it. Retries of the same request are recorded once.
    #[cfg(feature = "client")]
    pub(crate) fn record(&self, failure: &str) {
        // Part of it may be the server's: the names in a certificate.
        let failure = azure_token_rules::text::cleaned(failure);
        if let Some(left_out) = self.warnings.permit(Warning::ConnectionFailed) {
            tracing::error!(failure, left_out, "a connection of the provider failed");
        }
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() < MAX_FAILURES && !failures.contains(&failure) {
            failures.push(failure);
        }
    }
}

/// The key in [`CredentialError::details`].
const DETAIL: &str = "connection-failure";

/// A call of the default chain may try several hosts, and their failures fit an error.
#[cfg(feature = "client")]
const MAX_FAILURES: usize = 4;
