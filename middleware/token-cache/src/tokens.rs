//! Conversions between tokens, records, errors and failures.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use azure_middleware_bindings::{AccessToken, CredentialError, ErrorKind, ServiceResponse, TokenRequest};
use azure_token_cache::claims::ClaimsHash;
use azure_token_cache::failure::{Failure, Response};
use azure_token_cache::record::Record;

/// Adds the option `include-details` to a request, because the identity of a token is checked before the token is stored.
/// Returns whether the app asked for details itself.
pub fn with_details(request: &mut TokenRequest) -> bool {
    match request.options.iter_mut().find(|(key, _)| key == INCLUDE_DETAILS) {
        None => {
            request.options.push((INCLUDE_DETAILS.to_owned(), TRUE.to_owned()));
            false
        }
        Some((_, value)) if value == "false" => {
            *value = TRUE.to_owned();
            false
        }
        // Any other value than `true` is the provider's to refuse.
        Some(_) => true,
    }
}

/// The options of a request that may change its token: all but `include-details`.
pub fn options_of_key(request: &TokenRequest) -> Vec<(String, String)> {
    request.options.iter().filter(|(key, _)| key != INCLUDE_DETAILS).cloned().collect()
}

/// The record of a token that arrived at `now`, in seconds since the Unix epoch.
pub fn record_of(token: &AccessToken, satisfied: Option<ClaimsHash>, now: u64) -> Record {
    // A token that is due when it arrives comes from another cache, which has no newer one yet.
    let retry_on = now.saturating_add(RETRY_RENEWAL_IN);
    Record {
        token: token.token.clone(),
        token_type: token.token_type.clone(),
        expires_on: token.expires_on,
        refresh_on: token.refresh_on.map(|refresh_on| refresh_on.max(retry_on)),
        source: token.source.clone(),
        details: token.details.iter().filter(|(key, _)| key != FROM_CACHE).cloned().collect(),
        issued_on: now,
        satisfied,
    }
}

/// The token of a record.
pub fn token_of(record: &Record, with_details: bool) -> AccessToken {
    let mut details = Vec::new();
    if with_details {
        details.extend(record.details.iter().cloned());
        details.push((FROM_CACHE.to_owned(), TRUE.to_owned()));
    }
    AccessToken {
        token: record.token.clone(),
        token_type: record.token_type.clone(),
        expires_on: record.expires_on,
        refresh_on: record.refresh_on,
        source: record.source.clone(),
        details,
    }
}

/// The failure that other instances repeat; `None`: it is not one to repeat, because it may be of this instance alone.
pub fn failure_of(error: &CredentialError) -> Option<Failure> {
    let response = error.response.as_ref().map(|response| Response {
        status: response.status,
        error: response.error.clone(),
        suberror: response.suberror.clone(),
        error_codes: response.error_codes.clone(),
        correlation_id: response.correlation_id.clone(),
        trace_id: response.trace_id.clone(),
        retry_after: response.retry_after,
    });
    let failure = || Failure { message: error.message.clone(), response, details: error.details.clone() };
    (error.kind == ErrorKind::Transient).then(failure)
}

/// The error of a failure that another instance had `age` milliseconds ago.
pub fn error_of(failure: Failure, age: u64) -> CredentialError {
    let waited = u32::try_from(age / 1_000).unwrap_or(u32::MAX);
    let response = failure.response.map(|response| ServiceResponse {
        status: response.status,
        error: response.error,
        suberror: response.suberror,
        error_codes: response.error_codes,
        correlation_id: response.correlation_id,
        trace_id: response.trace_id,
        retry_after: response.retry_after.map(|seconds| seconds.saturating_sub(waited)),
    });
    CredentialError {
        kind: ErrorKind::Transient,
        message: format!("token-cache: another instance had this error a moment ago: {}", failure.message),
        claims: None,
        response,
        attempts: Vec::new(),
        details: failure.details,
    }
}

const INCLUDE_DETAILS: &str = "include-details";
const FROM_CACHE: &str = "from-cache";
const TRUE: &str = "true";
/// In seconds, as `azure_token_rules::freshness` has it.
const RETRY_RENEWAL_IN: u64 = 30;
