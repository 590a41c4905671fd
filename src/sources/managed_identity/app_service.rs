//! App Service, Functions, Container Apps and the other hosts with their protocol (Microsoft Learn, "How to
//! use managed identities for App Service and Azure Functions", REST endpoint reference).

use super::endpoint::{get, parse_address, secret};
use super::managed_host::{ManagedHost, PreparedRequest, Protocol, RequestContext};
use super::user_assigned::IdNames;
use crate::error::Error;
use crate::http::{HttpError, Url};
use crate::retry;

/// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/app-service",
    title: "App Service",
    policy: &retry::NAMED_ENDPOINT,
    remedy,
    protocol: Protocol::SingleRequest(build_request),
};

fn build_request(context: &RequestContext<'_>) -> Result<PreparedRequest, Error> {
    let host = context.call.host;
    let header = secret(host, ENDPOINT, "IDENTITY_HEADER")?;
    let url = parse_address(host, ENDPOINT, ENDPOINT, Url::parse_private_endpoint)?;
    // Azure Automation, which sets the same variables, requires `metadata`; App Service does not.
    let request = get(context, url, API_VERSION, &ID_NAMES)?
        .header("x-identity-header", header.clone())
        .header("metadata", "true");
    Ok(PreparedRequest { request, secret: Some(header) })
}

/// The remedy when `IDENTITY_ENDPOINT` gives no response.
pub fn remedy(error: HttpError) -> &'static str {
    match error {
        HttpError::Denied => "; allow the address in IDENTITY_ENDPOINT among the host's outgoing hosts",
        _ => "; check IDENTITY_ENDPOINT",
    }
}

const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const ID_NAMES: IdNames =
    IdNames { client: Some("client_id"), object: Some("object_id"), resource: Some("mi_res_id") };
const API_VERSION: &str = "2019-08-01";
