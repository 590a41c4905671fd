//! The identity endpoint of App Service, Functions and Container Apps.
//!
//! After "How to use managed identities for App Service and Azure Functions", section "REST endpoint
//! reference". The documentation has no status for most refusals; those here are the ones that users report.

use http::{Method, Uri};
use serde_json::json;

use super::identity_endpoint::{self, expected_at, is_at, issue, parameter_error};
use super::managed_identity::{self, Selector};
use crate::incoming_request::IncomingRequest;
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::state::State;

/// App Service, at any of `ORIGINS`.
pub struct AppService;

impl Service for AppService {
    fn name(&self) -> ServiceName {
        ServiceName::AppService
    }

    fn is_at(&self, uri: &Uri) -> bool {
        is_at(uri, ORIGINS)
    }

    fn origin_of(&self, path: &str) -> Option<&'static str> {
        path.trim_end_matches('/').eq_ignore_ascii_case(PATH).then_some("http://127.0.0.1:41741")
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
    let version = request.parameter("api-version").unwrap_or_default();
    let resource = request.parameter("resource").unwrap_or_default();
    if request.method != Method::GET {
        return Some(refusal(405, "The method is not allowed"));
    }
    if request.header("x-identity-header") != Some(&state.settings.managed_hosts.header) {
        return Some(refusal(403, "The X-IDENTITY-HEADER header is missing or wrong"));
    }
    if !API_VERSIONS.contains(&version) {
        return Some(refusal(400, "Unsupported api-version"));
    }
    let ids: Vec<_> = SELECTORS.iter().map(|(name, _)| *name).collect();
    if let Some(wrong) = parameter_error(request, &["api-version", "resource"], &ids) {
        return Some(refusal(400, &wrong));
    }
    resource.is_empty().then(|| refusal(400, "The parameter 'resource' is missing"))
}

fn token_response(state: &State, request: &IncomingRequest) -> Reply {
    let name = request.parameter("resource").unwrap_or_default();
    let Ok(identity) = managed_identity::select(&state.settings.virtual_machine, SELECTORS, &request.query)
    else {
        return refusal(400, NOT_FOUND);
    };
    let Some(issued) = issue(state, &identity, name) else {
        // The real endpoint reports a resource that does not exist in no other way.
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
    identity_endpoint::refusal(status, &json!({ "statusCode": status, "message": message }), message)
}

/// On Windows, on Linux, in Container Apps.
const ORIGINS: &[&str] = &["http://127.0.0.1:41741", "http://169.254.129.2:8081", "http://localhost:42356"];
const PATH: &str = "/msi/token";
const API_VERSIONS: &[&str] = &["2019-08-01", "2020-05-01"];
const SELECTORS: &[Selector] = &[
    ("client_id", |identity| &identity.client_id),
    ("object_id", |identity| &identity.object_id),
    ("principal_id", |identity| &identity.object_id),
    ("mi_res_id", |identity| &identity.resource_id),
];
const NOT_FOUND: &str =
    "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
