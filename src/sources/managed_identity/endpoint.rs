//! What managed hosts share: the variables of their endpoints, requests, and the errors for their responses.

use super::managed_host::{NAME, PreparedRequest, RequestContext};
use super::user_assigned::{IdNames, UserAssigned};
use crate::error::{Error, ErrorKind, quote};
use crate::host::{self, Host};
use crate::http::{HttpError, Request, Response, Url, url::UrlError};
use crate::prelude::*;
use crate::received::contents;
use crate::retry;
use crate::service_response::service_response;
use crate::token::{AccessToken, Secret};
use crate::token_response::{MalformedResponse, ServiceError, TokenResponse};
use azure_token_rules::freshness::half_life;
use azure_token_rules::retry::hint;

/// Sends the request and parses the token in the response.
///
/// # Errors
/// `transient`, `authentication-failed`, or `other` for a malformed response. Never `not-configured`: the variables of a
/// managed host say that it is there.
#[maybe_async]
pub async fn fetch_token(
    context: &RequestContext<'_>,
    prepared: &PreparedRequest,
) -> Result<AccessToken, Error> {
    let response = send(context, &prepared.request).await?;
    if response.status != 200 {
        return Err(refusal(context, &response, prepared.secret.as_ref()));
    }
    read_token(context, &response, prepared.secret.as_ref())
}

/// Sends a request with the host's retry policy.
///
/// # Errors
/// `transient`, or `other` for a response that is too large.
#[maybe_async]
pub async fn send(context: &RequestContext<'_>, request: &Request) -> Result<Response, Error> {
    retry::send(context.call, context.host.policy, request).await.map_err(|error| {
        let kind = if error == HttpError::TooLarge { ErrorKind::Other } else { ErrorKind::Transient };
        let (title, remedy) = (context.host.title, (context.host.remedy)(error));
        let address = request.url.authority();
        Error::new(kind, NAME, format_args!("{title} at {address} gave no token: {error}{remedy}"))
    })
}

/// Parses the token in a response with status 200. No message repeats the `secret` of the request.
///
/// # Errors
/// `other` when there is none.
pub fn read_token(
    context: &RequestContext<'_>,
    response: &Response,
    secret: Option<&Secret>,
) -> Result<AccessToken, Error> {
    let now = context.call.host.now();
    let token = TokenResponse::parse(&response.body.0, now);
    let mut token = token.map_err(|error| match error {
        MalformedResponse::Error => refusal(context, response, secret),
        error => {
            let (title, contents) = (context.host.title, contents(response, secret.as_slice()));
            Error::other(NAME, format_args!("{title}: the response (200, {contents}) {error}"))
        }
    })?;
    token.refresh_on = token.refresh_on.or_else(|| half_life(token.expires_on, now));
    Ok(token.into_access_token(context.host.source))
}

/// The error for a response with another status than 200.
pub fn refusal(context: &RequestContext<'_>, response: &Response, secret: Option<&Secret>) -> Error {
    let status = response.status;
    let reported = reported(response);
    let reason = reason(&reported, secret);
    let (kind, remedy) = match (status, context.identity) {
        (..=299, _) => (ErrorKind::Other, "check that the endpoint's variable names it"),
        (..=399, _) => (ErrorKind::Other, "redirects are not followed: check the endpoint's variable"),
        (401 | 403, _) => {
            (ErrorKind::AuthenticationFailed, "check that its variables are as the host set them")
        }
        (408 | 410 | 429 | 500.., _) => (ErrorKind::Transient, "try again later"),
        (_, None) => (ErrorKind::AuthenticationFailed, "check that it has a managed identity"),
        (_, Some(_)) => (
            ErrorKind::AuthenticationFailed,
            "check that the identity is assigned to it (AZURE_CLIENT_ID, unless the app names one)",
        ),
    };
    let title = context.host.title;
    let mut error = match retry::retry_after(response, context.call.host.now()) {
        Some(wait) if kind == ErrorKind::Transient => {
            let what = format_args!("{title} responded with {status}, {reason}; {}", hint(wait));
            Error::new(kind, NAME, what)
        }
        _ => Error::new(kind, NAME, format_args!("{title} responded with {status}, {reason}; {remedy}")),
    };
    error.response = Some(service_response(response, &reported, context.call, secret.as_slice()));
    error
}

/// The error in a response: JSON, or else plain text, as the stand-ins for a host write it. A web page says
/// nothing about a token, so it counts as no reason.
pub fn reported(response: &Response) -> ServiceError {
    ServiceError::parse(response).unwrap_or_else(|| {
        let text = String::from_utf8_lossy(&response.body.0);
        let is_page = text.trim_start().starts_with('<');
        ServiceError {
            description: if is_page { String::new() } else { text.into_owned() },
            ..Default::default()
        }
    })
}

/// The reason that a host reports, cleaned for a message.
pub fn reason(reported: &ServiceError, secret: Option<&Secret>) -> String {
    let quote = |text: &str| quote(text, secret.as_slice());
    match (quote(&reported.error), quote(&reported.description)) {
        (error, sentence) if error.is_empty() && sentence.is_empty() => "no reason given".to_owned(),
        (error, sentence) if error.is_empty() => sentence,
        (error, sentence) if sentence.is_empty() || error == sentence => error,
        (error, sentence) => format!("{error}: {sentence}"),
    }
}

/// The `GET` for a token.
///
/// # Errors
/// `invalid-argument` when the host has no name for the kind of id by which the identity is named.
pub fn get(
    context: &RequestContext<'_>,
    url: Url,
    api_version: &str,
    names: &IdNames,
) -> Result<Request, Error> {
    let url = url.query(&[("api-version", api_version), ("resource", context.resource.as_str())]);
    let Some(identity) = context.identity else { return Ok(Request::get(url)) };
    match names.of(identity.kind()) {
        Some(name) => Ok(Request::get(url.query(&[(name, identity.id())]))),
        None => Err(cannot_choose(context, identity, "name none")),
    }
}

/// The URL in a variable. `announced_by` is the variable that the host was detected by.
///
/// # Errors
/// `invalid-argument` when it is missing, or is not the URL of a metadata endpoint.
pub fn address(host: &dyn Host, announced_by: &str, variable: &str) -> Result<Url, Error> {
    parse_address(host, announced_by, variable, Url::parse_metadata_endpoint)
}

/// As [`address`], with a rule of the managed host's own.
///
/// # Errors
/// `invalid-argument` when it is missing, or the rule refuses it.
pub fn parse_address(
    host: &dyn Host,
    announced_by: &str,
    variable: &str,
    parse: fn(&str) -> Result<Url, UrlError>,
) -> Result<Url, Error> {
    let text = required(host, announced_by, variable)?;
    parse(text.trim()).map_err(|error| Error::invalid_argument(NAME, format_args!("{variable} {error}")))
}

/// The secret in a variable, which is sent as a header. `announced_by` is the variable that the host was
/// detected by.
///
/// # Errors
/// `invalid-argument` when it is missing, or has a character that ends a header.
pub fn secret(host: &dyn Host, announced_by: &str, variable: &str) -> Result<Secret, Error> {
    let text = Secret::from(required(host, announced_by, variable)?);
    let text = text.expose().trim();
    if !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        let what = format_args!("{variable} has a character that no header has; set it as the host gave it");
        return Err(Error::invalid_argument(NAME, what));
    }
    Ok(Secret::from(text))
}

/// The error for an id by which a host cannot choose an identity. Without it, the token would be another
/// identity's.
pub fn cannot_choose(context: &RequestContext<'_>, identity: &UserAssigned, instead: &str) -> Error {
    let (title, kind) = (context.host.title, identity.kind().title());
    let what = format_args!(
        "{title} finds no identity by {kind}; {instead} (AZURE_CLIENT_ID, unless the app names one)"
    );
    Error::invalid_argument(NAME, what)
}

fn required(host: &dyn Host, announced_by: &str, variable: &str) -> Result<String, Error> {
    host::env(host, variable).ok_or_else(|| {
        Error::invalid_argument(NAME, format_args!("{announced_by} is set; set {variable} as well"))
    })
}
