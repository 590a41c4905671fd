//! The identity endpoint of App Service, Functions and Container Apps.
//!
//! After "How to use managed identities for App Service and Azure Functions", section "REST endpoint
//! reference". The documentation names no status for most refusals; they are what users report.

use http::{Method, Uri};
use serde_json::json;

use super::call::Call;
use super::imds::identity::{self, Of};
use super::managed_host::{self, expected_at, issue, lives_at, wrong_parameters};
use super::reply::Reply;
use super::service::Service;
use super::state::State;

/// App Service, at any of `HOMES`.
pub struct AppService;

impl Service for AppService {
    fn name(&self) -> &'static str {
        "app-service"
    }

    fn answers_at(&self, _: &State, uri: &Uri) -> bool {
        lives_at(uri, HOMES)
    }

    fn home_of(&self, path: &str) -> Option<&'static str> {
        path.trim_end_matches('/').eq_ignore_ascii_case(PATH).then_some("http://127.0.0.1:41741")
    }

    fn answer(&self, state: &State, call: &Call) -> Reply {
        expected_at(call, PATH, refused(state, call).unwrap_or_else(|| give_token(state, call)))
    }
}

fn refused(state: &State, call: &Call) -> Option<Reply> {
    let version = call.parameter("api-version").unwrap_or_default();
    let resource = call.parameter("resource").unwrap_or_default();
    if call.method != Method::GET {
        return Some(refusal(405, "The method is not allowed"));
    }
    if call.header("x-identity-header") != Some(&state.settings.managed_hosts.header) {
        return Some(refusal(403, "The X-IDENTITY-HEADER header is missing or wrong"));
    }
    if !API_VERSIONS.contains(&version) {
        return Some(refusal(400, "Unsupported api-version"));
    }
    let ids: Vec<_> = SELECTORS.iter().map(|(name, _)| *name).collect();
    if let Some(wrong) = wrong_parameters(call, &["api-version", "resource"], &ids) {
        return Some(refusal(400, &wrong));
    }
    resource.is_empty().then(|| refusal(400, "The parameter 'resource' is missing"))
}

fn give_token(state: &State, call: &Call) -> Reply {
    let name = call.parameter("resource").unwrap_or_default();
    let Ok(identity) = identity::choose(&state.settings.virtual_machine, SELECTORS, &call.query) else {
        return refusal(400, NOT_FOUND);
    };
    let Some(issued) = issue(state, &identity, name) else {
        // A resource that does not exist is told no better than this.
        return refusal(500, "An unexpected error occured while fetching the AAD Token.");
    };
    let body = json!({
        "access_token": issued.token,
        "client_id": identity.client_id,
        "expires_on": issued.expires_on.to_string(),
        "not_before": state.now().saturating_sub(300).to_string(),
        "resource": name,
        "token_type": "Bearer",
    });
    Reply::json(200, &body, issued.note)
}

fn refusal(status: u16, message: &str) -> Reply {
    managed_host::refusal(status, &json!({ "statusCode": status, "message": message }), message)
}

/// Windows, Linux, Container Apps.
const HOMES: &[&str] = &["http://127.0.0.1:41741", "http://169.254.129.2:8081", "http://localhost:42356"];
const PATH: &str = "/msi/token";
const API_VERSIONS: &[&str] = &["2019-08-01", "2020-05-01"];
const SELECTORS: &[(&str, Of)] = &[
    ("client_id", |identity| &identity.client_id),
    ("object_id", |identity| &identity.object_id),
    ("principal_id", |identity| &identity.object_id),
    ("mi_res_id", |identity| &identity.resource_id),
];
const NOT_FOUND: &str =
    "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
