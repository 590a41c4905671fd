//! The errors for responses of Microsoft Entra that hold no token, and for missing responses.

use super::remedies;
use crate::call_context::CallContext;
use crate::error::{Error, ErrorKind, quote, repeats_secret};
use crate::http::{HttpError, Response};
use crate::json::Json;
use crate::prelude::*;
use crate::received::contents;
use crate::retry::{self, Repetition};
use crate::service_response::service_response;
use crate::token::Secret;
use crate::token_response::ServiceError;
use azure_token_rules::retry::hint;

/// The error for a request that got no response.
pub fn unreachable(source: &str, call: &CallContext<'_>, host: &str, error: HttpError) -> Error {
    let kind = if error == HttpError::TooLarge { ErrorKind::Other } else { ErrorKind::Transient };
    let remedy = match error {
        HttpError::Denied => "; allow it among the host's outgoing hosts",
        HttpError::Dns => "; check the authority and the network",
        _ => "",
    };
    let error = Error::new(kind, source, format_args!("{host} gave no token: {error}{remedy}"));
    with_request_id(error, call)
}

/// The error with the id of its request, by which Microsoft's support finds it also where no response has an id.
fn with_request_id(mut error: Error, call: &CallContext<'_>) -> Error {
    error.client_request_id = Some(call.request_id.to_string());
    error
}

/// As [`unreachable`], for a grant. One that may have been served is not sent again.
pub fn lost(
    source: &str,
    call: &CallContext<'_>,
    host: &str,
    error: HttpError,
    repetition: Repetition,
) -> Error {
    let mut lost = unreachable(source, call, host, error);
    if repetition == Repetition::UnlessServed && error.may_be_served() && error.is_transient() {
        lost.message.push_str(ACCEPTED_ONCE);
    }
    lost
}

/// The error for a response with status 200 that is not as expected; `what` stands behind its name. One that reports
/// an error is that error.
pub fn malformed(
    source: &str,
    call: &CallContext<'_>,
    host: &str,
    response: &Response,
    sent: &[(&str, Secret)],
    what: impl core::fmt::Display,
) -> Error {
    if ServiceError::parse(response).is_some_and(|reported| !reported.error.is_empty()) {
        return refused(source, call, host, response, sent);
    }
    let secrets = secrets(sent);
    let mut error = Error::other(
        source,
        format_args!("the response ({}, {}) {what}", response.status, contents(response, &secrets)),
    );
    error.response = Some(service_response(response, &ServiceError::default(), call, &secrets));
    with_request_id(error, call)
}

/// The error for a response with another status than 200. `sent` are the form's fields.
pub fn refused(
    source: &str,
    call: &CallContext<'_>,
    host: &str,
    response: &Response,
    sent: &[(&str, Secret)],
) -> Error {
    let secrets = secrets(sent);
    let secrets = secrets.as_slice();
    let reported = ServiceError::parse(response).unwrap_or_default();
    let (code, description) = (quote(&reported.error, secrets), quote(&reported.description, secrets));
    // The trace id, correlation id and timestamp behind the sentence are for Microsoft's support.
    let description = description
        .split_once(" Trace ID:")
        .map_or(description.as_str(), |(description, _)| description)
        .trim_end_matches('.');
    let (status, retry_hint) = (response.status, retry_hint(call, response));
    let remedy = reported.error_codes.iter().find_map(|code| remedies::remedy(*code));
    let remedy = remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default();
    let what = match (code.as_str(), description) {
        ("", "") => {
            let contents = contents(response, secrets);
            format!(
                "{host} responded with {status} ({contents}) without saying why{retry_hint}{}",
                hint_for(status)
            )
        }
        (one, "") | ("", one) => format!("{status} {one}{retry_hint}{remedy}"),
        (code, description) => format!("{status} {code}: {description}{retry_hint}{remedy}"),
    };
    let is_usable =
        |claims: &String| Json::parse(claims.as_bytes()).is_some() && !repeats_secret(claims, secrets);
    let mut error = Error::new(kind(status, &reported), source, what);
    error.response = Some(service_response(response, &reported, call, secrets));
    error.claims = reported.claims.filter(is_usable);
    with_request_id(error, call)
}

/// The fields that no message repeats.
fn secrets<'a>(sent: &'a [(&str, Secret)]) -> Vec<&'a Secret> {
    sent.iter().filter(|(name, _)| !PUBLIC.contains(name)).map(|(_, value)| value).collect()
}

fn kind(status: u16, reported: &ServiceError) -> ErrorKind {
    match status {
        _ if reported.is_busy() => ErrorKind::Transient,
        ..=299 if !reported.error.is_empty() => ErrorKind::AuthenticationFailed,
        ..=399 => ErrorKind::Other,
        408 | 429 | 500.. => ErrorKind::Transient,
        _ => ErrorKind::AuthenticationFailed,
    }
}

fn retry_hint(call: &CallContext<'_>, response: &Response) -> String {
    let wait = retry::retry_after(response, call.host.now());
    wait.map(|wait| format!("; {}", hint(wait))).unwrap_or_default()
}

fn hint_for(status: u16) -> &'static str {
    match status {
        ..=299 => {
            "; a token comes with the status 200: check whether something stands between this machine and Microsoft Entra"
        }
        300..=399 => "; redirects are not followed: check the authority",
        404 => "; check the authority and the tenant",
        408 | 429 => "",
        400..=499 => "; check whether something stands between this machine and Microsoft Entra",
        _ => "",
    }
}

const ACCEPTED_ONCE: &str = "; it was not sent again, because it may have been accepted, which happens once: sign in again if the next call fails";
/// Form fields that are no secret.
const PUBLIC: &[&str] = &[
    "client_assertion_type",
    "client_info",
    "grant_type",
    "redirect_uri",
    "requested_token_use",
    "username",
];
