//! The errors for responses of Microsoft Entra that hold no token, and for missing responses.

use super::remedies;
use crate::call_context::CallContext;
use crate::error::{Error, ErrorKind, quote, repeats_secret};
use crate::http::{HttpError, Response};
use crate::json::Json;
use crate::prelude::*;
use crate::retry::{self, Repetition};
use crate::service_response::service_response;
use crate::token::Secret;
use crate::token_response::ServiceError;

/// The error for a request that got no response.
pub fn unreachable(source: &str, host: &str, error: HttpError) -> Error {
    let kind = if error == HttpError::TooLarge { ErrorKind::Other } else { ErrorKind::Transient };
    let remedy = match error {
        HttpError::Denied => "; allow it among the host's outgoing hosts",
        HttpError::Dns => "; check the authority and the network",
        _ => "",
    };
    Error::new(kind, source, format_args!("{host} gave no token: {error}{remedy}"))
}

/// As [`unreachable`], for a grant. One that may have been served is not sent again.
pub fn lost(source: &str, host: &str, error: HttpError, repetition: Repetition) -> Error {
    let mut lost = unreachable(source, host, error);
    if repetition == Repetition::UnlessServed && error.may_be_served() && error.is_transient() {
        lost.message.push_str(ACCEPTED_ONCE);
    }
    lost
}

/// The error for a response with another status than 200. `sent` are the form's fields.
pub fn refused(
    source: &str,
    call: &CallContext<'_>,
    host: &str,
    response: &Response,
    sent: &[(&str, Secret)],
) -> Error {
    let secrets: Vec<&Secret> =
        sent.iter().filter(|(name, _)| !PUBLIC.contains(name)).map(|(_, value)| value).collect();
    let secrets = secrets.as_slice();
    let status = response.status;
    let kind = match status {
        ..=399 => ErrorKind::Other,
        408 | 429 | 500.. => ErrorKind::Transient,
        _ => ErrorKind::AuthenticationFailed,
    };
    let retry_hint = retry_hint(call, response);
    let Some(reported) = ServiceError::parse(response) else {
        let what =
            format_args!("{host} responded with {status} without saying why{retry_hint}{}", hint(status));
        let mut error = Error::new(kind, source, what);
        error.response = Some(service_response(response, &ServiceError::default(), call, secrets));
        return error;
    };
    let kind = if reported.is_busy() { ErrorKind::Transient } else { kind };
    let (code, description) = (quote(&reported.error, secrets), quote(&reported.description, secrets));
    // The trace id, correlation id and timestamp behind the sentence are for Microsoft's support.
    let description = description
        .split_once(" Trace ID:")
        .map_or(description.as_str(), |(description, _)| description)
        .trim_end_matches('.');
    let remedy = reported.error_codes.iter().find_map(|code| remedies::remedy(*code));
    let remedy = remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default();
    let what = format_args!("{status} {code}: {description}{retry_hint}{remedy}");
    let is_usable =
        |claims: &String| Json::parse(claims.as_bytes()).is_some() && !repeats_secret(claims, secrets);
    let mut error = Error::new(kind, source, what);
    error.response = Some(service_response(response, &reported, call, secrets));
    error.claims = reported.claims.filter(is_usable);
    error
}

fn retry_hint(call: &CallContext<'_>, response: &Response) -> String {
    let wait = retry::retry_after(response, call.host.now());
    wait.map(|wait| format!("; try again after {} s", wait.as_secs())).unwrap_or_default()
}

fn hint(status: u16) -> &'static str {
    match status {
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
