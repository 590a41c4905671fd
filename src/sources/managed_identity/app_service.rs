//! App Service, Functions, Container Apps and whoever else speaks their protocol (Microsoft Learn, "How
//! to use managed identities for App Service and Azure Functions", REST endpoint reference).

use super::endpoint::{address, get, secret};
use super::{ManagedHost, Prepared, Protocol, RequestContext};
use crate::error::Error;
use crate::http::HttpError;
use crate::retry;

/// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/app-service",
    title: "App Service",
    policy: &retry::NAMED_ENDPOINT,
    remedy,
    protocol: Protocol::SingleRequest(build_request),
};

fn build_request(context: &RequestContext<'_>) -> Result<Prepared, Error> {
    let host = context.call.host;
    let header = secret(host, ENDPOINT, "IDENTITY_HEADER")?;
    let url = address(host, ENDPOINT, ENDPOINT)?;
    // App Service does without `metadata`; Azure Automation, which sets the same variables, does not.
    let request = get(context, url, API_VERSION, ["client_id", "object_id", "mi_res_id"])
        .header("x-identity-header", header.clone())
        .header("metadata", "true");
    Ok(Prepared { request, secret: Some(header) })
}

/// What to do when the host of `IDENTITY_ENDPOINT` cannot be asked.
pub fn remedy(error: HttpError) -> &'static str {
    match error {
        HttpError::Denied => "; allow the address in IDENTITY_ENDPOINT among the host's outgoing hosts",
        _ => "; check IDENTITY_ENDPOINT",
    }
}

const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const API_VERSION: &str = "2019-08-01";
