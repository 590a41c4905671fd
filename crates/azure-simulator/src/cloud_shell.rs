//! The identity endpoint of Azure Cloud Shell, whose identity is the signed-in user's.
//!
//! After "How to use managed identity in Azure Cloud Shell", section "Acquire token".

use http::{Method, Uri};
use serde_json::json;

use super::call::{Call, duplicate};
use super::imds::identity::Identity;
use super::managed_host::{self, expected_at, issue, lives_at};
use super::reply::Reply;
use super::service::Service;
use super::state::State;

/// Cloud Shell at `http://localhost:50342/oauth2/token`.
pub struct CloudShell;

impl Service for CloudShell {
    fn name(&self) -> &'static str {
        "cloud-shell"
    }

    fn answers_at(&self, _: &State, uri: &Uri) -> bool {
        lives_at(uri, &[HOME])
    }

    fn home_of(&self, path: &str) -> Option<&'static str> {
        (path == PATH).then_some(HOME)
    }

    fn answer(&self, state: &State, call: &Call) -> Reply {
        expected_at(call, PATH, give_token(state, call))
    }
}

fn give_token(state: &State, call: &Call) -> Reply {
    let form = call.form();
    if call.method != Method::POST {
        return refusal(405, "MethodNotAllowed", "The method is not allowed");
    }
    if call.header("metadata") != Some("true") {
        return refusal(400, "BadRequest", "Required metadata header not specified");
    }
    if !call.query.is_empty() || duplicate(&form).is_some() || form.iter().any(|(name, _)| name != "resource")
    {
        return refusal(400, "BadRequest", "Only the form field 'resource' is supported");
    }
    let Some((_, name)) = form.first() else {
        return refusal(400, "BadRequest", "The form field 'resource' is missing");
    };
    let Some(issued) = issue(state, &user(state), name) else {
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

fn user(state: &State) -> Identity {
    let oid = state.settings.users.first().map(|user| user.oid.clone()).unwrap_or_default();
    Identity { client_id: CLIENT_ID.to_owned(), object_id: oid, resource_id: String::new() }
}

fn refusal(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({ "error": { "code": code, "message": message } });
    managed_host::refusal(status, &body, message)
}

const HOME: &str = "http://localhost:50342";
const PATH: &str = "/oauth2/token";
/// Cloud Shell's own application.
const CLIENT_ID: &str = "b677c290-cf4b-4a8e-a60e-91ba650a4abe";
