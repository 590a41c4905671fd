//! The managed identity token service of a Service Fabric cluster.
//!
//! After "How to leverage a Service Fabric application's managed identity to access Azure services",
//! sections "Acquiring an access token using REST API" and "Error handling". The simulation stands for a
//! cluster whose certificate the host trusts; the fault `tls-error` for one whose it does not.

use http::{Method, Uri};
use serde_json::json;

use super::call::Call;
use super::imds::identity;
use super::managed_host::{self, expected_at, issue, lives_at, wrong_parameters};
use super::reply::Reply;
use super::service::Service;
use super::state::State;

/// Service Fabric at `https://localhost:2377/metadata/identity/oauth2/token`.
pub struct ServiceFabric;

impl Service for ServiceFabric {
    fn name(&self) -> &'static str {
        "service-fabric"
    }

    fn answers_at(&self, _: &State, uri: &Uri) -> bool {
        lives_at(uri, &["https://localhost:2377"])
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
        return Some(refusal(state, 405, "MethodNotAllowed", "The method is not allowed."));
    }
    let Some(secret) = call.header("secret") else {
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
    let version = call.parameter("api-version").unwrap_or_default();
    if version != API_VERSION {
        let message =
            format!("The api-version '{version}' is not supported. Supported version is '{API_VERSION}'.");
        return Some(refusal(state, 400, "InvalidApiVersion", &message));
    }
    let known = ["api-version", "resource", "token_sha256_to_refresh", "xms_cc"];
    if let Some(wrong) = wrong_parameters(call, &known, &[]) {
        return Some(refusal(state, 400, "BadRequest", &wrong));
    }
    let message = "The parameter 'resource' should not be null or empty string.";
    let missing = call.parameter("resource").is_none_or(str::is_empty);
    missing.then(|| refusal(state, 400, "ArgumentNullOrEmpty", message))
}

fn give_token(state: &State, call: &Call) -> Reply {
    let name = call.parameter("resource").unwrap_or_default();
    let identity = identity::choose(&state.settings.virtual_machine, &[], &call.query).ok();
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
    managed_host::refusal(status, &body, message)
}

const PATH: &str = "/metadata/identity/oauth2/token";
const API_VERSION: &str = "2019-07-01-preview";
