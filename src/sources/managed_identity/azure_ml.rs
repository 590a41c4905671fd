//! The compute of Azure Machine Learning, which has the protocol of App Service from 2017 (Microsoft Learn,
//! "Set up authentication between Azure Machine Learning and other services").

use super::cloud_shell;
use super::endpoint::{address, cannot_choose, get, secret};
use super::managed_host::{ManagedHost, PreparedRequest, Protocol, RequestContext};
use super::user_assigned::{IdKind, IdNames, UserAssigned};
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

fn build_request(context: &RequestContext<'_>) -> Result<PreparedRequest, Error> {
    let host = context.call.host;
    let header = secret(host, ENDPOINT, "MSI_SECRET")?;
    let url = address(host, ENDPOINT, ENDPOINT)?;
    // A cluster with a user-assigned identity names it in this variable, and has no other (as
    // `@azure/identity`).
    let own = host::env(host, "DEFAULT_IDENTITY_CLIENT_ID");
    let own = own.map(|id| UserAssigned::parse(IdKind::Client, id.trim().to_owned())).transpose()?;
    let context = RequestContext { identity: context.identity.or(own.as_ref()), ..*context };
    // This version of the protocol has no name for other ids. azure-identity for Python sends them, MSAL for
    // JavaScript and .NET refuse them. An id that the host ignores would yield the token of another identity.
    if let Some(other) = context.identity.filter(|identity| ID_NAMES.of(identity.kind()).is_none()) {
        return Err(cannot_choose(&context, other, "name it by its client id"));
    }
    let request = get(&context, url, API_VERSION, &ID_NAMES)?;
    let request = request.header("secret", header.clone()).header("metadata", "true");
    Ok(PreparedRequest { request, secret: Some(header) })
}

const ENDPOINT: &str = "MSI_ENDPOINT";
const ID_NAMES: IdNames = IdNames { client: Some("clientid"), object: None, resource: None };
const API_VERSION: &str = "2017-09-01";
