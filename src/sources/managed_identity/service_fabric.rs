//! Service Fabric (Microsoft Learn, "How to leverage a Service Fabric application's managed identity to
//! access Azure services", acquiring an access token using REST API).
//!
//! The SDKs pin the endpoint's certificate, which is self-signed as a rule, to `IDENTITY_SERVER_THUMBPRINT`.
//! A component cannot see a server's certificate through `wasi:http`, so the WASI host has to verify the
//! connection, and plain `http` is refused.

use super::app_service;
use super::endpoint::{address, cannot_choose, get, secret};
use super::managed_host::{ManagedHost, NAME, PreparedRequest, Protocol, RequestContext};
use super::user_assigned::IdNames;
use crate::error::Error;
use crate::host;
use crate::http::HttpError;
use crate::http::url::Scheme;
use crate::retry;

/// `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` and `IDENTITY_SERVER_THUMBPRINT`.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/service-fabric",
    title: "Service Fabric",
    policy: &retry::ONCE,
    remedy,
    protocol: Protocol::SingleRequest(build_request),
};

fn build_request(context: &RequestContext<'_>) -> Result<PreparedRequest, Error> {
    if let Some(identity) = context.identity {
        return Err(cannot_choose(context, identity, "the application's manifest chooses it, so name none"));
    }
    let host = context.call.host;
    if !host::env(host, THUMBPRINT).is_some_and(|text| is_thumbprint(&text)) {
        return Err(Error::invalid_argument(
            NAME,
            "IDENTITY_SERVER_THUMBPRINT must be the SHA-1 thumbprint of a certificate: 40 hexadecimal digits",
        ));
    }
    let header = secret(host, THUMBPRINT, "IDENTITY_HEADER")?;
    let url = address(host, THUMBPRINT, "IDENTITY_ENDPOINT")?;
    if url.scheme() != Scheme::Https {
        return Err(Error::invalid_argument(
            NAME,
            "IDENTITY_ENDPOINT must start with https:// on Service Fabric",
        ));
    }
    let mut request = get(context, url, API_VERSION, &NO_ID_NAMES)?.header("secret", header.clone());
    // As MSAL: the service must not return the token again that a claims challenge has refused.
    if let Some(hash) = &context.request.refused_token_sha256 {
        request.url = request.url.query(&[("token_sha256_to_refresh", hash)]);
    }
    if context.request.enable_cae() {
        request.url = request.url.query(&[("xms_cc", "CP1")]);
    }
    Ok(PreparedRequest { request, secret: Some(header) })
}

/// Whether a text is a SHA-1 thumbprint, which tools write with spaces or colons between the digits.
fn is_thumbprint(text: &str) -> bool {
    let mut digits = text.trim().bytes().filter(|b| !matches!(b, b' ' | b':'));
    digits.by_ref().take(40).filter(u8::is_ascii_hexdigit).count() == 40 && digits.next().is_none()
}

fn remedy(error: HttpError) -> &'static str {
    match error {
        HttpError::Tls => {
            "; make the host trust the endpoint's certificate, because a component cannot pin it to IDENTITY_SERVER_THUMBPRINT"
        }
        _ => app_service::remedy(error),
    }
}

const THUMBPRINT: &str = "IDENTITY_SERVER_THUMBPRINT";
const NO_ID_NAMES: IdNames = IdNames { client: None, object: None, resource: None };
const API_VERSION: &str = "2019-07-01-preview";
