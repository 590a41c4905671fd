//! What the identity endpoints share: IMDS, App Service, Azure Arc, Azure Machine Learning, Cloud Shell, Service Fabric.

use http::Uri;
use serde_json::Value;

use crate::incoming_request::{IncomingRequest, duplicate_name, origin};
use crate::reply::Reply;
use crate::resources;
use crate::settings::ManagedIdentity;
use crate::state::State;
use crate::token::{AccessToken, Appidacr, Subject};

/// A token of a managed identity, and what most responses contain beside it.
pub struct IssuedToken {
    /// The signed token.
    pub token: String,
    /// When it expires, in seconds since the Unix epoch.
    pub expires_on: u64,
    /// Its lifetime, in seconds.
    pub lifetime: u64,
    /// The journal's description.
    pub note: String,
}

/// Issues a token of `identity` for the resource called `resource`; `None`: there is no such resource.
pub fn issue(state: &State, identity: &ManagedIdentity, resource: &str) -> Option<IssuedToken> {
    let settings = &state.settings;
    let tenant = settings.tenant(settings.virtual_machine.tenant.as_deref())?;
    let lifetime = settings.lifetimes.managed_identity;
    let note = format!("token for {resource} as {}", identity.client_id);
    let resource = resources::find(settings, tenant, resource)?;
    let token = AccessToken {
        tenant,
        cloud: tenant.cloud,
        resource: &resource,
        client_id: &identity.client_id,
        oid: &identity.object_id,
        subject: Subject::ManagedIdentity { resource_id: &identity.resource_id },
        appidacr: Appidacr::ClientAssertion,
        lifetime,
        cp1: false,
    };
    Some(IssuedToken { token: token.issue(state), expires_on: state.now() + lifetime, lifetime, note })
}

/// Whether the scheme and authority of `uri` are among `origins`.
pub fn is_at(uri: &Uri, origins: &[&str]) -> bool {
    origins.contains(&origin(uri).as_str())
}

/// What is wrong with the query parameters: one that is neither in `known` nor in `ids`, one that occurs twice, or two
/// that name an identity.
pub fn parameter_error(request: &IncomingRequest, known: &[&str], ids: &[&str]) -> Option<String> {
    let is_known = |name: &str| known.contains(&name) || ids.contains(&name);
    if let Some((name, _)) = request.query.iter().find(|(name, _)| !is_known(name)) {
        return Some(format!("The parameter '{name}' is not supported"));
    }
    if let Some(name) = duplicate_name(&request.query) {
        return Some(format!("The parameter '{name}' is given more than once"));
    }
    let given = ids.iter().filter(|name| request.parameter(name).is_some()).count();
    (given > 1).then(|| "Only one identity can be named".to_owned())
}

/// Marks `reply` as one to an unexpected request, unless the request's path is `path`.
pub fn expected_at(request: &IncomingRequest, path: &str, reply: Reply) -> Reply {
    if request.path().trim_end_matches('/').eq_ignore_ascii_case(path) { reply } else { reply.unexpected() }
}

/// A refusal with this body; the journal's description is `message`.
pub fn refusal(status: u16, body: &Value, message: &str) -> Reply {
    Reply::json(status, body, message)
}
