//! The managed identity token service of a Service Fabric cluster.
//!
//! After "How to leverage a Service Fabric application's managed identity to access Azure services",
//! sections "Acquiring an access token using REST API" and "Error handling". The simulated
//! cluster has a certificate that the host trusts; the fault `tls-error` is a cluster that has not.

use http::{Method, Uri};
use serde_json::json;

use super::identity_endpoint::{self, expected_at, is_at, issue, parameter_error};
use super::managed_identity;
use crate::incoming_request::IncomingRequest;
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::state::State;

/// Service Fabric at `https://localhost:2377/metadata/identity/oauth2/token`.
pub struct ServiceFabric;

impl Service for ServiceFabric {
    fn name(&self) -> ServiceName {
        ServiceName::ServiceFabric
    }

    fn is_at(&self, uri: &Uri) -> bool {
        is_at(uri, &["https://localhost:2377"])
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
        return Some(refusal(state, 405, "MethodNotAllowed", "The method is not allowed."));
    }
    let Some(secret) = request.header("secret") else {
        return Some(refusal(
            state,
            401,
            "SecretHeaderNotFound",
            "Secret is not found in the request headers.",
        ));
    };
    if secret != state.settings.managed_hosts.header {
        let message = "Managed identity not found for the specified application host.";
        return Some(refusal(state, 404, "ManagedIdentityNotFound", message));
    }
    let version = request.parameter("api-version").unwrap_or_default();
    if version != API_VERSION {
        let message =
            format!("The api-version '{version}' is not supported. Supported version is '{API_VERSION}'.");
        return Some(refusal(state, 400, "InvalidApiVersion", &message));
    }
    let known = ["api-version", "resource", "token_sha256_to_refresh", "xms_cc"];
    if let Some(wrong) = parameter_error(request, &known, &[]) {
        return Some(refusal(state, 400, "BadRequest", &wrong));
    }
    let message = "The parameter 'resource' should not be null or empty string.";
    let missing = request.parameter("resource").is_none_or(str::is_empty);
    missing.then(|| refusal(state, 400, "ArgumentNullOrEmpty", message))
}

fn token_response(state: &State, request: &IncomingRequest) -> Reply {
    let name = request.parameter("resource").unwrap_or_default();
    let identity = managed_identity::select(&state.settings.virtual_machine, &[], &request.query).ok();
    let Some(issued) = identity.and_then(|identity| issue(state, &identity, name)) else {
        return refusal(state, 500, "InternalServerError", "An error occurred.");
    };
    let body = json!({
        "access_token": issued.token,
        "expires_on": issued.expires_on,
        "resource": name,
        "token_type": "Bearer",
    });
    Reply::json(200, &body, issued.note)
}

fn refusal(state: &State, status: u16, code: &str, message: &str) -> Reply {
    let body = json!({ "error": { "correlationId": state.new_id(), "code": code, "message": message } });
    identity_endpoint::refusal(status, &body, message)
}

const PATH: &str = "/metadata/identity/oauth2/token";
const API_VERSION: &str = "2019-07-01-preview";
