//! The rule on throttling for the errors of the interface: it is that of the provider, `azure_token_rules::throttling`.

use crate::types::{Attempt, CredentialError, ErrorKind, ServiceResponse};
use azure_token_rules::error as rules;
use azure_token_rules::throttling;
use std::time::Duration;

impl CredentialError {
    /// For how long the service that caused the error asks for no further request; `None`: it does not.
    pub(crate) fn wait(&self) -> Option<Duration> {
        throttling::wait_of(&self.response.clone()?.into())
    }

    /// The error as a caller gets it while its wait lasts.
    pub(crate) fn repeated(&self, remaining: Duration) -> Self {
        let record = throttling::repeated(&self.record(), remaining);
        let response = record.response.map(Into::into);
        Self { message: record.message, response, ..self.clone() }
    }

    /// The record of the shared rules.
    fn record(&self) -> rules::ErrorRecord {
        rules::ErrorRecord {
            kind: self.kind.into(),
            message: self.message.clone(),
            claims: self.claims.clone(),
            response: self.response.clone().map(Into::into),
            client_request_id: None,
            attempts: self.attempts.iter().cloned().map(Into::into).collect(),
        }
    }
}

impl From<ErrorKind> for rules::ErrorKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::NotConfigured => Self::NotConfigured,
            ErrorKind::AuthenticationFailed => Self::AuthenticationFailed,
            ErrorKind::Transient => Self::Transient,
            ErrorKind::InvalidArgument => Self::InvalidArgument,
            ErrorKind::Other => Self::Other,
        }
    }
}

impl From<Attempt> for rules::Attempt {
    fn from(Attempt { source, kind, message, response }: Attempt) -> Self {
        Self { source, kind: kind.into(), message, response: response.map(Into::into) }
    }
}

impl From<ServiceResponse> for rules::ServiceResponse {
    fn from(response: ServiceResponse) -> Self {
        let ServiceResponse { status, error, suberror, error_codes, correlation_id, trace_id, retry_after } =
            response;
        Self { status, error, suberror, error_codes, correlation_id, trace_id, retry_after }
    }
}

impl From<rules::ServiceResponse> for ServiceResponse {
    fn from(response: rules::ServiceResponse) -> Self {
        let rules::ServiceResponse {
            status,
            error,
            suberror,
            error_codes,
            correlation_id,
            trace_id,
            retry_after,
        } = response;
        Self { status, error, suberror, error_codes, correlation_id, trace_id, retry_after }
    }
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
