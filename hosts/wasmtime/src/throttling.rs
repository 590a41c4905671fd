//! The rule on throttling for the errors of the interface: it is that of the provider, `azure_token_rules::throttling`.

use crate::types::{Attempt, CredentialError, ErrorKind, ServiceResponse};
use azure_token_rules::error as rules;
use azure_token_rules::throttling;
use std::time::Duration;

impl CredentialError {
    /// For how long the service that caused the error asks for no further request; `None`: it does not.
    pub(crate) fn wait(&self) -> Option<Duration> {
        throttling::wait_of(&rules_response(self.response.clone()?))
    }

    /// The error as a caller gets it while its wait lasts.
    pub(crate) fn repeated(&self, remaining: Duration) -> Self {
        let record = throttling::repeated(&self.record(), remaining);
        let mut repeated = Self { message: record.message, ..self.clone() };
        if let (Some(response), Some(wait)) = (&mut repeated.response, record.response) {
            response.retry_after = wait.retry_after;
        }
        repeated
    }

    /// The record of the shared rules.
    fn record(&self) -> rules::ErrorRecord {
        rules::ErrorRecord {
            kind: rules_kind(self.kind),
            message: self.message.clone(),
            claims: self.claims.clone(),
            response: self.response.clone().map(rules_response),
            client_request_id: None,
            attempts: self.attempts.iter().map(rules_attempt).collect(),
        }
    }
}

// Functions and not `From`: an implementation of a trait would be part of this crate's public interface.

fn rules_kind(kind: ErrorKind) -> rules::ErrorKind {
    match kind {
        ErrorKind::NotConfigured => rules::ErrorKind::NotConfigured,
        ErrorKind::AuthenticationFailed => rules::ErrorKind::AuthenticationFailed,
        ErrorKind::Transient => rules::ErrorKind::Transient,
        ErrorKind::InvalidArgument => rules::ErrorKind::InvalidArgument,
        ErrorKind::Other => rules::ErrorKind::Other,
    }
}

fn rules_attempt(attempt: &Attempt) -> rules::Attempt {
    let Attempt { source, kind, message, response } = attempt.clone();
    rules::Attempt { source, kind: rules_kind(kind), message, response: response.map(rules_response) }
}

fn rules_response(response: ServiceResponse) -> rules::ServiceResponse {
    let ServiceResponse { status, error, suberror, error_codes, correlation_id, trace_id, retry_after } =
        response;
    rules::ServiceResponse { status, error, suberror, error_codes, correlation_id, trace_id, retry_after }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_repeated_with_the_wait_that_remains_and_all_its_other_fields() {
        let response = ServiceResponse {
            status: 429,
            error: Some("temporarily_unavailable".to_owned()),
            suberror: None,
            error_codes: vec![90090],
            correlation_id: Some("c".to_owned()),
            trace_id: Some("t".to_owned()),
            retry_after: Some(30),
        };
        let attempt = Attempt {
            source: "environment".to_owned(),
            kind: ErrorKind::Transient,
            message: "busy".to_owned(),
            response: Some(response.clone()),
        };
        let mut error = CredentialError::of_host(ErrorKind::Transient, "429 busy; try again after 30 s");
        error.claims = Some("{}".to_owned());
        error.response = Some(response.clone());
        error.attempts = vec![attempt];
        error.details = vec![("k".to_owned(), "v".to_owned())];
        assert_eq!(error.wait(), Some(Duration::from_secs(30)));
        let expected = CredentialError {
            message: "azure-identity-wasmtime: 429 busy; try again after 12 s (the response to an earlier request: none \
                      is sent before)"
                .to_owned(),
            response: Some(ServiceResponse { retry_after: Some(12), ..response }),
            ..error.clone()
        };
        assert_eq!(error.repeated(Duration::from_secs(12)), expected);
    }

    #[test]
    fn an_error_without_a_response_asks_for_no_wait() {
        assert_eq!(CredentialError::of_host(ErrorKind::Transient, "down").wait(), None);
    }
}
