//! The Hybrid Instance Metadata Service of the Azure Arc agent.
//!
//! After "Authenticate against Azure resources with Azure Arc-enabled servers", section "Acquire an
//! access token using REST API": the first request is answered 401 with the path of a file that only
//! members of the group himds can read; the second must bring what the file holds.

use http::{Method, Uri};
use serde_json::json;

use super::call::Call;
use super::imds::identity::{self, SELECTORS};
use super::managed_host::{self, expected_at, issue, lives_at, wrong_parameters};
use super::reply::Reply;
use super::service::Service;
use super::state::State;

/// Azure Arc at `http://localhost:40342/metadata/identity/oauth2/token`.
pub struct AzureArc;

impl Service for AzureArc {
    fn name(&self) -> &'static str {
        "azure-arc"
    }

    fn answers_at(&self, _: &State, uri: &Uri) -> bool {
        lives_at(uri, &["http://localhost:40342", "http://127.0.0.1:40342"])
    }

    /// Its path is that of IMDS, so it can be reached by its own address alone.
    fn home_of(&self, _: &str) -> Option<&'static str> {
        None
    }

    fn answer(&self, state: &State, call: &Call) -> Reply {
        expected_at(call, PATH, refused(state, call).unwrap_or_else(|| give_token(state, call)))
    }
}

fn refused(state: &State, call: &Call) -> Option<Reply> {
    if call.method != Method::GET {
        return Some(refusal(405, "method_not_allowed", "The method is not allowed"));
    }
    if call.header("metadata") != Some("true") {
        return Some(bad_request("Required metadata header not specified"));
    }
    if !API_VERSIONS.contains(&call.parameter("api-version").unwrap_or_default()) {
        return Some(bad_request("api-version is invalid or was not specified in the request"));
    }
    let ids: Vec<_> = SELECTORS.iter().map(|(name, _)| *name).collect();
    if let Some(wrong) = wrong_parameters(call, &["api-version", "resource"], &ids) {
        return Some(bad_request(&wrong));
    }
    if call.parameter("resource").is_none_or(str::is_empty) {
        return Some(bad_request("Required query variable 'resource' is missing"));
    }
    unproven(state, call)
}

/// Whoever cannot read the agent's key file gets no token.
fn unproven(state: &State, call: &Call) -> Option<Reply> {
    let hosts = &state.settings.managed_hosts;
    let Some(authorization) = call.header("authorization") else {
        let reply = Reply::text(401, "text/plain", "", "challenge");
        return Some(reply.header("www-authenticate", &format!("Basic realm={}", hosts.arc_key_file)));
    };
    let is_right = authorization == format!("Basic {}", hosts.arc_key);
    (!is_right).then(|| refusal(401, "unauthorized_client", "The challenge response is wrong"))
}

fn give_token(state: &State, call: &Call) -> Reply {
    let hosts = &state.settings.managed_hosts;
    let selectors = if hosts.arc_user_assigned { SELECTORS } else { &[] };
    let identity = match identity::choose(&state.settings.virtual_machine, selectors, &call.query) {
        Ok(identity) => identity,
        Err(description) => return bad_request(description),
    };
    let name = call.parameter("resource").unwrap_or_default();
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
    for (selector, id) in selectors.iter().filter(|(selector, _)| call.parameter(selector).is_some()) {
        body[*selector] = json!(id(&identity));
    }
    Reply::json(200, &body, issued.note)
}

fn bad_request(description: &str) -> Reply {
    refusal(400, "invalid_request", description)
}

fn refusal(status: u16, error: &str, description: &str) -> Reply {
    let body = json!({ "error": error, "error_description": description });
    managed_host::refusal(status, &body, description)
}

const PATH: &str = "/metadata/identity/oauth2/token";
const API_VERSIONS: &[&str] = &["2019-08-15", "2019-11-01", "2020-06-01", "2021-02-01"];
