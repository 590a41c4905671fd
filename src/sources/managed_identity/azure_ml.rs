//! Azure Machine Learning's compute, which speaks the protocol that App Service spoke in 2017
//! (Microsoft Learn, "Set up authentication between Azure Machine Learning and other services").

use super::endpoint::{address, cannot_choose, get, secret};
use super::{ManagedHost, Prepared, Protocol, RequestContext, UserAssigned, cloud_shell};
use crate::error::Error;
use crate::host;
use crate::prelude::*;
use crate::retry;

/// `MSI_ENDPOINT` and `MSI_SECRET`.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/azure-ml",
    title: "Azure ML",
    policy: &retry::NAMED_ENDPOINT,
    remedy: cloud_shell::remedy,
    protocol: Protocol::SingleRequest(build_request),
};

fn build_request(context: &RequestContext<'_>) -> Result<Prepared, Error> {
    let host = context.call.host;
    let header = secret(host, ENDPOINT, "MSI_SECRET")?;
    let url = address(host, ENDPOINT, ENDPOINT)?;
    // Clusters with a user-assigned identity name it here and have no other (as `@azure/identity`).
    let own = host::env(host, "DEFAULT_IDENTITY_CLIENT_ID");
    let own = own.map(|id| UserAssigned::ClientId(id.trim().to_owned()).parse()).transpose()?;
    let context = RequestContext { identity: context.identity.or(own.as_ref()), ..*context };
    // This version of the protocol has no name for other ids. azure-identity for Python sends them all
    // the same, MSAL for JavaScript and .NET refuse them; what is ignored would be another identity.
    if let Some(other @ (UserAssigned::ObjectId(_) | UserAssigned::ResourceId(_))) = context.identity {
        return Err(cannot_choose(&context, other, "name it by its client id"));
    }
    let request = get(&context, url, API_VERSION, ["clientid", "", ""]);
    let request = request.header("secret", header.clone()).header("metadata", "true");
    Ok(Prepared { request, secret: Some(header) })
}

const ENDPOINT: &str = "MSI_ENDPOINT";
const API_VERSION: &str = "2017-09-01";
