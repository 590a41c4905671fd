//! The identity endpoint of Azure Machine Learning's compute: App Service's protocol of 2017.
//!
//! The protocol is documented nowhere; this is what the Azure SDKs and MSAL agree on.

use http::{Method, Uri};
use serde_json::json;

use super::call::Call;
use super::imds::identity::{self, Of};
use super::managed_host::{self, expected_at, issue, lives_at, wrong_parameters};
use super::reply::Reply;
use super::service::Service;
use super::state::State;

/// Azure ML at `http://127.0.0.1:46808/MSI/auth`.
pub struct AzureMl;

impl Service for AzureMl {
    fn name(&self) -> &'static str {
        "azure-ml"
    }

    fn answers_at(&self, _: &State, uri: &Uri) -> bool {
        lives_at(uri, &[HOME])
    }

    fn home_of(&self, path: &str) -> Option<&'static str> {
        path.eq_ignore_ascii_case(PATH).then_some(HOME)
    }

    fn answer(&self, state: &State, call: &Call) -> Reply {
        expected_at(call, PATH, refused(state, call).unwrap_or_else(|| give_token(state, call)))
    }
}

fn refused(state: &State, call: &Call) -> Option<Reply> {
    if call.method != Method::GET {
        return Some(refusal(405, "The method is not allowed"));
    }
    if call.header("secret") != Some(&state.settings.managed_hosts.header) {
        return Some(refusal(401, "The header 'secret' is missing or wrong"));
    }
    if call.parameter("api-version") != Some("2017-09-01") {
        return Some(refusal(400, "Unsupported api-version"));
    }
    wrong_parameters(call, &["api-version", "resource"], &["clientid"]).map(|wrong| refusal(400, &wrong))
}

fn give_token(state: &State, call: &Call) -> Reply {
    let name = call.parameter("resource").unwrap_or_default();
    let identity = match identity::choose(&state.settings.virtual_machine, SELECTORS, &call.query) {
        Ok(identity) => identity,
        Err(description) => return refusal(400, description),
    };
    let Some(issued) = issue(state, &identity, name) else {
        return refusal(400, "The resource principal was not found");
    };
    let body = json!({
        "access_token": issued.token,
        "expires_on": issued.expires_on,
        "resource": name,
        "token_type": "Bearer",
    });
    Reply::json(200, &body, issued.note)
}

fn refusal(status: u16, message: &str) -> Reply {
    managed_host::refusal(status, &json!({ "error": { "message": message } }), message)
}

const HOME: &str = "http://127.0.0.1:46808";
const PATH: &str = "/MSI/auth";
const SELECTORS: &[(&str, Of)] = &[("clientid", |identity| &identity.client_id)];
