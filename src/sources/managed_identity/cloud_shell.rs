//! Azure Cloud Shell, whose identity is the signed-in user's (Microsoft Learn, "How to use managed identity
//! in Azure Cloud Shell"). Its request is a form without `api-version`.

use super::endpoint::{address, cannot_choose};
use super::managed_host::{ManagedHost, PreparedRequest, Protocol, RequestContext};
use crate::error::Error;
use crate::http::{Form, HttpError, Request};
use crate::retry;

/// `MSI_ENDPOINT` alone.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/cloud-shell",
    title: "Cloud Shell",
    policy: &retry::NAMED_ENDPOINT,
    remedy,
    protocol: Protocol::SingleRequest(build_request),
};

fn build_request(context: &RequestContext<'_>) -> Result<PreparedRequest, Error> {
    if let Some(identity) = context.identity {
        return Err(cannot_choose(context, identity, "it is always the signed-in user's, so name none"));
    }
    let url = address(context.call.host, ENDPOINT, ENDPOINT)?;
    let form = Form::new(&[("resource", context.resource.as_str())]);
    Ok(PreparedRequest { request: Request::post(url, &form).header("metadata", "true"), secret: None })
}

/// The remedy when `MSI_ENDPOINT` gives no response.
pub fn remedy(error: HttpError) -> &'static str {
    match error {
        HttpError::Denied => "; allow the address in MSI_ENDPOINT among the host's outgoing hosts",
        _ => "; check MSI_ENDPOINT",
    }
}

const ENDPOINT: &str = "MSI_ENDPOINT";
