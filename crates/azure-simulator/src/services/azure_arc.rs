//! The Hybrid Instance Metadata Service of the Azure Arc agent.
//!
//! After "Authenticate against Azure resources with Azure Arc-enabled servers", section "Acquire an
//! access token using REST API": the first request receives 401 with the path of a file that only members of the group
//! himds can read; the second must contain what is in the file.

use http::{Method, Uri};
use serde_json::json;

use super::identity_endpoint::{self, expected_at, is_at, issue, parameter_error};
use super::managed_identity::{self, IMDS_SELECTORS};
use crate::incoming_request::IncomingRequest;
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::state::State;

/// Azure Arc at `http://localhost:40342/metadata/identity/oauth2/token`.
pub struct AzureArc;

impl Service for AzureArc {
    fn name(&self) -> ServiceName {
        ServiceName::AzureArc
    }

    fn is_at(&self, uri: &Uri) -> bool {
        is_at(uri, &["http://localhost:40342", "http://127.0.0.1:40342"])
    }

    /// Its path is that of IMDS, so that it can be reached at its own address only.
    fn origin_of(&self, _: &str) -> Option<&'static str> {
        None
    }

    fn handle(&self, state: &State, request: &IncomingRequest) -> Reply {
        expected_at(
            request,
            PATH,
            find_refusal(state, request).unwrap_or_else(|| token_response(state, request)),
        )
    }
}

fn find_refusal(state: &State, request: &IncomingRequest) -> Option<Reply> {
    if request.method != Method::GET {
        return Some(refusal(405, "method_not_allowed", "The method is not allowed"));
    }
    if request.header("metadata") != Some("true") {
        return Some(bad_request("Required metadata header not specified"));
    }
    if !API_VERSIONS.contains(&request.parameter("api-version").unwrap_or_default()) {
        return Some(bad_request("api-version is invalid or was not specified in the request"));
    }
    let ids: Vec<_> = IMDS_SELECTORS.iter().map(|(name, _)| *name).collect();
    if let Some(wrong) = parameter_error(request, &["api-version", "resource"], &ids) {
        return Some(bad_request(&wrong));
    }
    if request.parameter("resource").is_none_or(str::is_empty) {
        return Some(bad_request("Required query variable 'resource' is missing"));
    }
    challenge(state, request)
}

/// Refuses a caller that does not prove that it can read the agent's key file.
fn challenge(state: &State, request: &IncomingRequest) -> Option<Reply> {
    let hosts = &state.settings.managed_hosts;
    let Some(authorization) = request.header("authorization") else {
        let reply = Reply::text(401, "text/plain", "", "challenge");
        return Some(reply.header("www-authenticate", &format!("Basic realm={}", hosts.arc_key_file)));
    };
    let is_right = authorization == format!("Basic {}", hosts.arc_key);
    (!is_right).then(|| refusal(401, "unauthorized_client", "The challenge response is wrong"))
}

fn token_response(state: &State, request: &IncomingRequest) -> Reply {
    let hosts = &state.settings.managed_hosts;
    let selectors = if hosts.arc_user_assigned { IMDS_SELECTORS } else { &[] };
    let identity = match managed_identity::select(&state.settings.virtual_machine, selectors, &request.query)
    {
        Ok(identity) => identity,
        Err(description) => return bad_request(description),
    };
    let name = request.parameter("resource").unwrap_or_default();
    let Some(issued) = issue(state, &identity, name) else {
        return bad_request("AADSTS500011: The resource principal was not found in the tenant.");
    };
    let mut body = json!({
        "access_token": issued.token,
        "client_id": identity.client_id,
        "expires_in": issued.lifetime.to_string(),
        "expires_on": issued.expires_on.to_string(),
        "ext_expires_in": issued.lifetime.saturating_sub(1).to_string(),
        "not_before": state.now().saturating_sub(300).to_string(),
        "resource": name,
        "token_type": "Bearer",
    });
    for (selector, id) in selectors.iter().filter(|(selector, _)| request.parameter(selector).is_some()) {
        body[*selector] = json!(id(&identity));
    }
    Reply::json(200, &body, issued.note)
}

fn bad_request(description: &str) -> Reply {
    refusal(400, "invalid_request", description)
}

fn refusal(status: u16, error: &str, description: &str) -> Reply {
    let body = json!({ "error": error, "error_description": description });
    identity_endpoint::refusal(status, &body, description)
}

const PATH: &str = "/metadata/identity/oauth2/token";
const API_VERSIONS: &[&str] = &["2019-08-15", "2019-11-01", "2020-06-01", "2021-02-01"];
