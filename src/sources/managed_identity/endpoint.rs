//! What hosts with an endpoint of their own share: the variables, the request's way, the answer.

use super::{NAME, Prepared, RequestContext, UserAssigned};
use crate::error::{Error, ErrorKind, quote};
use crate::host::{self, Host};
use crate::http::{HttpError, Request, Response, Url};
use crate::prelude::*;
use crate::retry;
use crate::text;
use crate::token::{AccessToken, Secret};
use crate::token_response::{ServiceError, TokenResponse};

/// Sends the request and makes a token of the answer.
///
/// # Errors
/// `unreachable`, `rejected`, or `other` for an answer that makes no sense. Never `unavailable`: a host
/// that announces itself is there.
#[maybe_async]
pub async fn get_token(context: &RequestContext<'_>, prepared: &Prepared) -> Result<AccessToken, Error> {
    let response = send(context, &prepared.request).await?;
    if response.status != 200 {
        return Err(refusal(context, &response, prepared.secret.as_ref()));
    }
    read_token(context, &response)
}

/// Sends a request by the host's policy.
///
/// # Errors
/// `unreachable`, or `other` for an answer that is too large.
#[maybe_async]
pub async fn send(context: &RequestContext<'_>, request: &Request) -> Result<Response, Error> {
    retry::send(context.call, context.host.policy, request).await.map_err(|error| {
        let kind = if error == HttpError::TooLarge { ErrorKind::Other } else { ErrorKind::Unreachable };
        let (title, remedy) = (context.host.title, (context.host.remedy)(error));
        Error::new(kind, NAME, format_args!("{title} gave no token: {error}{remedy}"))
    })
}

/// The token in an answer with status 200.
///
/// # Errors
/// `other` when there is none.
pub fn read_token(context: &RequestContext<'_>, response: &Response) -> Result<AccessToken, Error> {
    let token = TokenResponse::parse(&response.body.0, context.call.host.now());
    let token = token.map_err(|error| Error::other(NAME, format_args!("{}: {error}", context.host.title)))?;
    Ok(token.into_access_token(context.host.source))
}

/// What an answer with another status than 200 means.
pub fn refusal(context: &RequestContext<'_>, response: &Response, secret: Option<&Secret>) -> Error {
    let status = response.status;
    let said = ServiceError::parse(response).unwrap_or_default();
    let why = why(&said, secret);
    let (kind, remedy) = match (status, context.identity) {
        (..=399, _) => (ErrorKind::Other, "redirects are not followed: check the endpoint's variable"),
        (401 | 403, _) => (ErrorKind::Rejected, "check that its variables are as the host set them"),
        (408 | 410 | 429 | 500.., _) => (ErrorKind::Unreachable, "try again later"),
        (_, None) => (ErrorKind::Rejected, "check that it has a managed identity"),
        (_, Some(_)) => (
            ErrorKind::Rejected,
            "check that the identity is assigned to it (AZURE_CLIENT_ID, unless the app names one)",
        ),
    };
    let title = context.host.title;
    let mut error = match retry::retry_after(response, context.call.host.now()) {
        Some(wait) if kind == ErrorKind::Unreachable => {
            let seconds = wait.as_secs();
            let what = format_args!("{title} answered {status}, {why}; try again after {seconds} s");
            Error::new(kind, NAME, what)
        }
        _ => Error::new(kind, NAME, format_args!("{title} answered {status}, {why}; {remedy}")),
    };
    error.error_codes = said.error_codes;
    error
}

/// The reason that a host gives, fit for a message.
pub fn why(said: &ServiceError, secret: Option<&Secret>) -> String {
    let quote = |text: &str| quote(text, secret.as_slice());
    match (quote(&said.error), quote(&said.description)) {
        (error, sentence) if error.is_empty() && sentence.is_empty() => "no reason given".to_owned(),
        (error, sentence) if error.is_empty() => sentence,
        (error, sentence) if sentence.is_empty() => error,
        (error, sentence) => format!("{error}: {sentence}"),
    }
}

/// A `GET` of what is asked for. `named` are the host's names for client ids, object ids and resource ids.
pub fn get(context: &RequestContext<'_>, url: Url, api_version: &str, named: [&'static str; 3]) -> Request {
    let url = url.query(&[("api-version", api_version), ("resource", context.resource)]);
    Request::get(match context.identity {
        Some(identity) => url.query(&[(identity.named(named), identity.id())]),
        None => url,
    })
}

/// The address in a variable that `announced_by` goes with.
///
/// # Errors
/// `invalid-request` when it is missing, or is no address of a metadata endpoint.
pub fn address(host: &dyn Host, announced_by: &str, variable: &str) -> Result<Url, Error> {
    let text = required(host, announced_by, variable)?;
    Url::parse_metadata_endpoint(text.trim())
        .map_err(|error| Error::invalid(NAME, format_args!("{variable} {error}")))
}

/// The secret in a variable that `announced_by` goes with; it is sent as a header.
///
/// # Errors
/// `invalid-request` when it is missing, or could break out of a header.
pub fn secret(host: &dyn Host, announced_by: &str, variable: &str) -> Result<Secret, Error> {
    let text = Secret::from(required(host, announced_by, variable)?);
    let text = text.expose().trim();
    if !text::has_only(text, |b| b.is_ascii_graphic() || b == b' ') {
        let what = format_args!("{variable} has a character that no header has; set it as the host gave it");
        return Err(Error::invalid(NAME, what));
    }
    Ok(Secret::from(text))
}

/// The error for an id that a host cannot honour; to ignore it would give another identity's token.
pub fn cannot_choose(context: &RequestContext<'_>, identity: &UserAssigned, instead: &str) -> Error {
    let (title, kind) = (context.host.title, identity.named(["client id", "object id", "resource id"]));
    let what = format_args!(
        "{title} finds no identity by {kind}; {instead} (AZURE_CLIENT_ID, unless the app names one)"
    );
    Error::invalid(NAME, what)
}

fn required(host: &dyn Host, announced_by: &str, variable: &str) -> Result<String, Error> {
    host::env(host, variable)
        .ok_or_else(|| Error::invalid(NAME, format_args!("{announced_by} is set; set {variable} as well")))
}
