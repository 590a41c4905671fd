//! The identity endpoint of Azure Machine Learning compute, which has App Service's protocol of 2017.
//!
//! The protocol is not documented; this is what the Azure SDKs and MSAL agree on.

use http::{Method, Uri};
use serde_json::json;

use super::identity_endpoint::{self, expected_at, is_at, issue, parameter_error};
use super::managed_identity::{self, Selector};
use crate::incoming_request::IncomingRequest;
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::state::State;

/// Azure Machine Learning at `http://127.0.0.1:46808/MSI/auth`.
pub struct AzureMl;

impl Service for AzureMl {
    fn name(&self) -> ServiceName {
        ServiceName::AzureMl
    }

    fn is_at(&self, uri: &Uri) -> bool {
        is_at(uri, &[ORIGIN])
    }

    fn origin_of(&self, path: &str) -> Option<&'static str> {
        path.eq_ignore_ascii_case(PATH).then_some(ORIGIN)
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
        return Some(refusal(405, "The method is not allowed"));
    }
    if request.header("secret") != Some(&state.settings.managed_hosts.header) {
        return Some(refusal(401, "The header 'secret' is missing or wrong"));
    }
    if request.parameter("api-version") != Some("2017-09-01") {
        return Some(refusal(400, "Unsupported api-version"));
    }
    parameter_error(request, &["api-version", "resource"], &["clientid"]).map(|wrong| refusal(400, &wrong))
}

fn token_response(state: &State, request: &IncomingRequest) -> Reply {
    let name = request.parameter("resource").unwrap_or_default();
    let identity = match managed_identity::select(&state.settings.virtual_machine, SELECTORS, &request.query)
    {
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
    identity_endpoint::refusal(status, &json!({ "error": { "message": message } }), message)
}

const ORIGIN: &str = "http://127.0.0.1:46808";
const PATH: &str = "/MSI/auth";
const SELECTORS: &[Selector] = &[("clientid", |identity| &identity.client_id)];
