//! The identity endpoint of the Azure Instance Metadata Service (IMDS).
//!
//! After "How to use managed identities for Azure resources on a virtual machine to acquire an access
//! token" and "Azure Instance Metadata Service" (sections "Security and authentication" and "Errors
//! and debugging"). The first refusal of `REFUSALS` that applies is the response.

use http::{Method, Uri};
use serde_json::{Value, json};

use super::identity_endpoint::{IssuedToken, issue};
use super::managed_identity::{self, IMDS_SELECTORS};
use crate::incoming_request::{IncomingRequest, duplicate_name, scheme};
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::settings::{ManagedIdentity, Tenant};
use crate::state::State;
use presence::reply_in_place_of_imds;

mod presence;

/// IMDS at `http://169.254.169.254`.
pub struct Imds;

const ORIGIN: &str = "http://169.254.169.254";
const TOKEN_PATH: &str = "/metadata/identity/oauth2/token";

impl Service for Imds {
    fn name(&self) -> ServiceName {
        ServiceName::Imds
    }

    fn is_at(&self, uri: &Uri) -> bool {
        let plain = matches!(uri.port_u16(), None | Some(80));
        scheme(uri) == "http" && uri.host() == Some("169.254.169.254") && plain
    }

    fn origin_of(&self, path: &str) -> Option<&'static str> {
        path.starts_with("/metadata").then_some(ORIGIN)
    }

    fn handle(&self, state: &State, request: &IncomingRequest) -> Reply {
        let reply = reply_in_place_of_imds(state.settings.imds).unwrap_or_else(|| {
            let refusal = REFUSALS.iter().find_map(|refusal| refusal(request));
            refusal.unwrap_or_else(|| token_response(state, request)).header("server", "IMDS/150.870.65.1854")
        });
        // A credential sends requests to no other path of this address, whether IMDS is there or not.
        if request.path() == TOKEN_PATH { reply } else { reply.unexpected() }
    }
}

/// The checks before an identity is selected, in the order of the real service.
const REFUSALS: &[fn(&IncomingRequest) -> Option<Reply>] = &[
    unknown_path,
    wrong_method,
    forwarded,
    metadata_header_missing,
    api_version_unknown,
    parameter_unknown,
    duplicate_parameter,
    resource_missing,
    two_identities,
];

fn unknown_path(request: &IncomingRequest) -> Option<Reply> {
    (request.path() != TOKEN_PATH).then(|| refusal(404, "not_found", "The requested path was not found"))
}

fn wrong_method(request: &IncomingRequest) -> Option<Reply> {
    let description = format!("The method {} is not allowed", request.method);
    (request.method != Method::GET).then(|| refusal(405, "method_not_allowed", &description))
}

/// "Requests must not contain an `X-Forwarded-For` header": a proxy adds it to requests of other machines.
fn forwarded(request: &IncomingRequest) -> Option<Reply> {
    let description = "Requests that contain an X-Forwarded-For header are rejected";
    request.headers.contains_key("x-forwarded-for").then(|| bad_request(description))
}

/// "This value must be set to `true`, in all lower case."
fn metadata_header_missing(request: &IncomingRequest) -> Option<Reply> {
    let missing = request.header("metadata") != Some("true");
    missing.then(|| bad_request("Required metadata header not specified"))
}

fn api_version_unknown(request: &IncomingRequest) -> Option<Reply> {
    let known = request.parameter("api-version").is_some_and(|it| API_VERSIONS.contains(&it));
    (!known).then(|| bad_request("api-version is invalid or was not specified in the request"))
}

fn parameter_unknown(request: &IncomingRequest) -> Option<Reply> {
    let (name, _) = request.query.iter().find(|(name, _)| !PARAMETERS.contains(&name.as_str()))?;
    Some(bad_request(&format!("The query variable '{name}' is not supported")))
}

fn duplicate_parameter(request: &IncomingRequest) -> Option<Reply> {
    let name = duplicate_name(&request.query)?;
    Some(bad_request(&format!("The query variable '{name}' is specified more than once")))
}

fn resource_missing(request: &IncomingRequest) -> Option<Reply> {
    let missing = request.parameter("resource").is_none_or(str::is_empty);
    missing.then(|| bad_request("Required query variable 'resource' is missing"))
}

fn two_identities(request: &IncomingRequest) -> Option<Reply> {
    let given = IMDS_SELECTORS.iter().filter(|(name, _)| request.parameter(name).is_some()).count();
    let description = "Only one of client_id, object_id and msi_res_id can be specified";
    (given > 1).then(|| bad_request(description))
}

fn token_response(state: &State, request: &IncomingRequest) -> Reply {
    let machine = &state.settings.virtual_machine;
    let Some(tenant) = state.settings.tenant(machine.tenant.as_deref()) else {
        return bad_request("Identity not found");
    };
    let identity = match managed_identity::select(machine, IMDS_SELECTORS, &request.query) {
        Ok(identity) => identity,
        Err(description) => return bad_request(description),
    };
    let name = request.parameter("resource").unwrap_or_default();
    match issue(state, &identity, name) {
        Some(issued) => success(state, &identity, name, issued),
        None => resource_not_found(name, tenant),
    }
}

fn success(state: &State, identity: &ManagedIdentity, name: &str, issued: IssuedToken) -> Reply {
    let IssuedToken { token, expires_on, lifetime, note } = issued;
    let mut body = json!({
        "access_token": token,
        "client_id": identity.client_id,
        "expires_in": lifetime.to_string(),
        "expires_on": expires_on.to_string(),
        "ext_expires_in": lifetime.saturating_sub(1).to_string(),
        "not_before": state.now().saturating_sub(300).to_string(),
        "resource": name,
        "token_type": "Bearer",
    });
    if let Some(seconds) = state.settings.lifetimes.refresh_in {
        body["refresh_in"] = Value::from(seconds.to_string());
    }
    Reply::json(200, &body, note)
}

/// IMDS returns the error of Microsoft Entra.
fn resource_not_found(name: &str, tenant: &Tenant) -> Reply {
    let description = format!(
        "AADSTS500011: The resource principal named {name} was not found in the tenant named {}. This can happen if \
         the application has not been installed by the administrator of the tenant or consented to by any user in \
         the tenant. You might have sent your authentication request to the wrong tenant.",
        tenant.name
    );
    refusal(400, "invalid_resource", &description)
}

fn bad_request(description: &str) -> Reply {
    refusal(400, "invalid_request", description)
}

fn refusal(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(
        status,
        &json!({ "error": error, "error_description": description }),
        format!("{error}: {description}"),
    )
}

const PARAMETERS: &[&str] =
    &["api-version", "resource", "client_id", "object_id", "msi_res_id", "bypass_cache"];

/// What `/metadata/versions` lists from 2018-02-01 on, the first version with the identity endpoint.
const API_VERSIONS: &[&str] = &[
    "2018-02-01",
    "2018-04-02",
    "2018-10-01",
    "2019-02-01",
    "2019-03-11",
    "2019-04-30",
    "2019-06-01",
    "2019-06-04",
    "2019-08-01",
    "2019-08-15",
    "2019-11-01",
    "2020-06-01",
    "2020-07-15",
    "2020-09-01",
    "2020-10-01",
    "2020-12-01",
    "2021-01-01",
    "2021-02-01",
    "2021-03-01",
    "2021-05-01",
    "2021-10-01",
    "2021-11-01",
    "2021-11-15",
    "2021-12-13",
    "2023-07-01",
    "2023-11-15",
    "2024-03-15",
    "2024-07-17",
];
