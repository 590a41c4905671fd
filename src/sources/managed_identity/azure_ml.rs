//! Azure Machine Learning's compute, which speaks the protocol that App Service spoke in 2017
//! (Microsoft Learn, "Set up authentication between Azure Machine Learning and other services").

use super::endpoint::{address, cannot_choose, secret};
use super::{Ask, Asked, ManagedHost, Prepared, UserAssigned, cloud_shell};
use crate::error::Error;
use crate::host;
use crate::http::Request;
use crate::prelude::*;
use crate::retry;

/// `MSI_ENDPOINT` and `MSI_SECRET`.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/azure-ml",
    title: "Azure ML",
    policy: &retry::NAMED_ENDPOINT,
    remedy: cloud_shell::remedy,
    ask: Ask::Once(request),
};

fn request(asked: &Asked<'_>) -> Result<Prepared, Error> {
    let host = asked.call.host;
    let header = secret(host, ENDPOINT, "MSI_SECRET")?;
    let mut url = address(host, ENDPOINT, ENDPOINT)?
        .query(&[("api-version", API_VERSION), ("resource", asked.resource)]);
    if let Some(id) = client_id(asked)? {
        url = url.query(&[("clientid", &id)]);
    }
    let request = Request::get(url).header("secret", header.clone());
    Ok(Prepared { request, secret: Some(header) })
}

/// Clusters with a user-assigned identity name it in a variable and have no other (as
/// `@azure/identity`). This version of the protocol knows client ids alone; azure-identity for Python
/// sends other ids all the same, MSAL for JavaScript and .NET refuse them.
fn client_id(asked: &Asked<'_>) -> Result<Option<String>, Error> {
    match asked.identity {
        Some(UserAssigned::ClientId(id)) => Ok(Some(id.clone())),
        Some(other) => Err(cannot_choose(asked, other, "name it by its client id")),
        None => {
            let id = host::env(asked.call.host, "DEFAULT_IDENTITY_CLIENT_ID");
            let id = id.map(|id| UserAssigned::ClientId(id.trim().to_owned()).parse()).transpose()?;
            Ok(id.map(|id| id.id().to_owned()))
        }
    }
}

const ENDPOINT: &str = "MSI_ENDPOINT";
const API_VERSION: &str = "2017-09-01";
