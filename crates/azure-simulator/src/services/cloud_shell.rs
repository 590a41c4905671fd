//! The identity endpoint of Azure Cloud Shell, whose identity is that of the signed-in user.
//!
//! After "How to use managed identity in Azure Cloud Shell", section "Acquire token".

use http::{Method, Uri};
use serde_json::json;

use super::identity_endpoint::{self, expected_at, is_at, issue};
use crate::incoming_request::{IncomingRequest, duplicate_name};
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::settings::ManagedIdentity;
use crate::state::State;

/// Cloud Shell at `http://localhost:50342/oauth2/token`.
pub struct CloudShell;

impl Service for CloudShell {
    fn name(&self) -> ServiceName {
        ServiceName::CloudShell
    }

    fn is_at(&self, uri: &Uri) -> bool {
        is_at(uri, &[ORIGIN])
    }

    fn origin_of(&self, path: &str) -> Option<&'static str> {
        (path == PATH).then_some(ORIGIN)
    }

    fn handle(&self, state: &State, request: &IncomingRequest) -> Reply {
        expected_at(request, PATH, token_response(state, request))
    }
}

fn token_response(state: &State, request: &IncomingRequest) -> Reply {
    let form = request.form();
    if request.method != Method::POST {
        return refusal(405, "MethodNotAllowed", "The method is not allowed");
    }
    if request.header("metadata") != Some("true") {
        return refusal(400, "BadRequest", "Required metadata header not specified");
    }
    if !request.query.is_empty()
        || duplicate_name(&form).is_some()
        || form.iter().any(|(name, _)| name != "resource")
    {
        return refusal(400, "BadRequest", "Only the form field 'resource' is supported");
    }
    let Some((_, name)) = form.first() else {
        return refusal(400, "BadRequest", "The form field 'resource' is missing");
    };
    let Some(issued) = issue(state, &signed_in_user(state), name) else {
        let message = format!("Audience {name} is not a supported MSI token audience.");
        return refusal(400, "AudienceNotSupported", &message);
    };
    let body = json!({
        "access_token": issued.token,
        "refresh_token": "",
        "expires_in": issued.lifetime.to_string(),
        "expires_on": issued.expires_on.to_string(),
        "not_before": state.now().saturating_sub(300).to_string(),
        "resource": name,
        "token_type": "Bearer",
    });
    Reply::json(200, &body, issued.note)
}

fn signed_in_user(state: &State) -> ManagedIdentity {
    let oid = state.settings.users.first().map(|user| user.oid.clone()).unwrap_or_default();
    ManagedIdentity { client_id: CLIENT_ID.to_owned(), object_id: oid, resource_id: String::new() }
}

fn refusal(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({ "error": { "code": code, "message": message } });
    identity_endpoint::refusal(status, &body, message)
}

const ORIGIN: &str = "http://localhost:50342";
const PATH: &str = "/oauth2/token";
/// The client id of Cloud Shell itself.
const CLIENT_ID: &str = "b677c290-cf4b-4a8e-a60e-91ba650a4abe";
