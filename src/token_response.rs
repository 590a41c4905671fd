//! The parser of the responses of all token services: Microsoft Entra, IMDS and the other metadata endpoints.
//!
//! They write times and errors in different forms. Each form is accepted from each service.

use crate::base64;
use crate::http::Response;
use crate::json::Json;
use crate::prelude::*;
use crate::token::{AccessToken, Secret};
use crate::token_details::TokenDetails;
use alloc::rc::Rc;
use azure_token_rules::dates;
use azure_token_rules::freshness::refresh_on;

/// A response with a token.
#[derive(Debug)]
pub struct TokenResponse {
    /// The access token.
    pub token: Secret,
    /// `Bearer`: a token of another type is used in another way (RFC 6749, section 7.1).
    pub token_type: String,
    /// When the access token expires, in seconds since the Unix epoch.
    pub expires_on: u64,
    /// When a new one is due; `None`: the service does not say.
    pub refresh_on: Option<u64>,
    /// The refresh token, in a flow with a user.
    pub refresh_token: Option<Secret>,
    /// The account of the tokens, as `uid@utid`; `None`: the service reports none, or the request had no
    /// `client_info=1`.
    pub account: Option<String>,
    /// Facts about the token's identity.
    pub details: TokenDetails,
}

impl TokenResponse {
    /// Parses a response with status 200. `now` is in seconds since the Unix epoch.
    ///
    /// # Errors
    /// When it has no valid token.
    pub fn parse(body: &[u8], now: u64) -> Result<Self, MalformedResponse> {
        let json = Json::parse(body).ok_or(MalformedResponse::NotJson)?;
        if reports_error(&json) {
            return Err(MalformedResponse::Error);
        }
        let token = json.non_empty_text("access_token").ok_or(MalformedResponse::NoToken)?;
        if token.bytes().any(|b| !b.is_ascii_graphic()) {
            return Err(MalformedResponse::UnprintableToken);
        }
        let expires_on = expires_on(&json, now).ok_or(MalformedResponse::NoExpiry)?;
        if expires_on <= now {
            return Err(MalformedResponse::Expired);
        }
        let token_type = json.text("token_type").filter(|kind| !kind.is_empty()).unwrap_or(BEARER);
        if !token_type.eq_ignore_ascii_case(BEARER) {
            return Err(MalformedResponse::TokenType(name_of_type(token_type)));
        }
        Ok(Self {
            token: token.into(),
            token_type: BEARER.to_owned(),
            expires_on,
            refresh_on: json.u64("refresh_in").map(|seconds| refresh_on(seconds, expires_on, now)),
            account: json.text("client_info").and_then(account),
            details: TokenDetails::parse(&json),
            refresh_token: json.non_empty_text("refresh_token").map(Secret::from),
        })
    }

    /// The access token, with its source.
    pub fn into_access_token(self, source: &'static str) -> AccessToken {
        AccessToken {
            token: self.token,
            token_type: self.token_type,
            expires_on: self.expires_on,
            refresh_on: self.refresh_on,
            source,
            details: Rc::new(self.details),
            from_cache: false,
        }
    }
}

/// Why a response has no valid token, to stand behind the response's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedResponse {
    /// It reports an error, with the status of a success.
    #[error("reports an error")]
    Error,
    /// The token has expired already.
    #[error("has a token that has already expired; check this machine's clock")]
    Expired,
    /// `expires_in` and `expires_on` are missing or malformed.
    #[error("does not say when its token expires")]
    NoExpiry,
    /// The body is not JSON.
    #[error("is not JSON; check whether something stands between this machine and the service")]
    NotJson,
    /// There is no `access_token`.
    #[error("has no access_token")]
    NoToken,
    /// The token is to be used in another way than a bearer token.
    #[error("has a token of the type {0}, and only tokens of the type Bearer can be used")]
    TokenType(String),
    /// The token has a character that could end a header.
    #[error("has an access_token with characters that no token has")]
    UnprintableToken,
}

/// The error in a response.
#[derive(Debug, Default)]
pub struct ServiceError {
    /// The OAuth error code, e.g. `invalid_client`; empty: the service reported none.
    pub error: String,
    /// The description for people; empty: the service reported none. It has to be cleaned by
    /// [`quote`](crate::error::quote).
    pub description: String,
    /// Microsoft Entra's refinement of the error code; `None`: the service reported none.
    pub suberror: Option<String>,
    /// The `AADSTS` codes.
    pub error_codes: Vec<u32>,
    /// The claims challenge.
    pub claims: Option<String>,
    /// The correlation id; `None`: the service reported none.
    pub correlation_id: Option<String>,
    /// The trace id; `None`: the service reported none.
    pub trace_id: Option<String>,
}

impl ServiceError {
    /// Whether the service reports that it cannot serve the request at the moment (RFC 6749, section 4.1.2.1).
    /// Microsoft Entra does so with the status 400 as well (AADSTS90033).
    pub fn is_busy(&self) -> bool {
        self.error == "temporarily_unavailable"
    }

    /// Parses the error in a response. `None`: it is not JSON, so it is hardly from the service.
    pub fn parse(response: &Response) -> Option<Self> {
        let json = Json::parse_lossy(&response.body.0)?;
        if !json.is_object() {
            return None;
        }
        let text = |name: &str| json.text(name);
        let optional = |name: &str| json.non_empty_text(name).map(ToOwned::to_owned);
        // Azure Resource Manager and App Service nest the error: {"error": {"code", "message"}}.
        let nested = |name: &str| json.get("error").and_then(|error| error.text(name));
        let description = text("error_description").or_else(|| nested("message")).or_else(|| text("message"));
        let description = description.unwrap_or_default().to_owned();
        let codes = json.get("error_codes").into_iter().flat_map(Json::elements);
        let code = |code: &Json| u32::try_from(code.as_u64()?).ok();
        let mut error_codes: Vec<u32> = codes.filter_map(code).take(MAX_CODES).collect();
        if error_codes.is_empty() {
            error_codes.extend(aadsts(&description));
        }
        Some(Self {
            error: text("error").or_else(|| nested("code")).unwrap_or_default().to_owned(),
            description,
            suberror: optional("suberror"),
            error_codes,
            correlation_id: optional("correlation_id"),
            trace_id: optional("trace_id"),
            claims: optional("claims"),
        })
    }
}

/// The account in `client_info`, JSON in base64url (MSAL).
fn account(client_info: &str) -> Option<String> {
    let json = Json::parse(&base64::decode_url(client_info)?)?;
    let account = format!("{}@{}", json.text("uid")?, json.text("utid")?);
    // The account is put into a header.
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'@');
    account.bytes().all(allowed).then_some(account)
}

/// The time of expiry. `expires_in` is preferred to `expires_on`: it does not depend on the clock of this
/// machine.
fn expires_on(json: &Json, now: u64) -> Option<u64> {
    let relative = json.u64("expires_in").map(|seconds| now.saturating_add(seconds));
    let absolute = || {
        let value = json.get("expires_on")?;
        value.as_u64().or_else(|| date(value.as_str()?, now))
    };
    relative.or_else(absolute).map(|time| time.min(LATEST))
}

fn date(text: &str, now: u64) -> Option<u64> {
    let text = text.trim();
    dates::parse_us(text).or_else(|| dates::parse_iso(text)).or_else(|| dates::parse_http(text, now))
}

/// The code in `AADSTS7000215: Invalid client secret …`, for responses without `error_codes`.
fn aadsts(description: &str) -> Option<u32> {
    let (_, rest) = description.split_once("AADSTS")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// Whether a document has the member `error` (RFC 6749, section 5.2).
fn reports_error(json: &Json) -> bool {
    json.non_empty_text("error").is_some() || json.get("error").is_some_and(Json::is_object)
}

/// The name of a token type, if it has the form of one.
fn name_of_type(token_type: &str) -> String {
    let is_name =
        token_type.len() <= 32 && token_type.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_name { token_type.to_owned() } else { "(malformed)".to_owned() }
}

const BEARER: &str = "Bearer";
/// 9999-12-31T23:59:59Z. The calendars of many languages end here.
const LATEST: u64 = 253_402_300_799;
const MAX_CODES: usize = 16;

#[cfg(test)]
mod tests;
