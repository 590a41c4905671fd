//! Azure DevOps as a job of Azure Pipelines sees it: it vouches for the job's service connections.
//!
//! After the Azure DevOps REST API, "Oidctoken - Create", and "Troubleshoot an Azure Resource Manager
//! workload identity service connection". The refusals come in the order of `REFUSALS`.

use http::{Method, Uri};
use serde_json::json;

use super::call::{Call, duplicate, scheme};
use super::reply::Reply;
use super::service::Service;
use super::state::State;
use settings::Pipelines;

pub mod settings;

/// Azure DevOps at `https://dev.azure.com`.
pub struct AzureDevOps;

/// Who signs the tokens of the example organization.
pub const ISSUER: &str = "https://vstoken.dev.azure.com/77778888-cccc-9999-dddd-0000eeee1111";
/// The scheme and authority.
pub const HOME: &str = "https://dev.azure.com";

impl Service for AzureDevOps {
    fn name(&self) -> &'static str {
        "azure-devops"
    }

    fn answers_at(&self, _: &State, uri: &Uri) -> bool {
        let secure = scheme(uri) == "https" && matches!(uri.port_u16(), None | Some(443));
        secure && uri.host() == Some("dev.azure.com")
    }

    fn home_of(&self, path: &str) -> Option<&'static str> {
        path.contains("/_apis/distributedtask/").then_some(HOME)
    }

    fn answer(&self, state: &State, call: &Call) -> Reply {
        let pipelines = &state.settings.pipelines;
        if call.path() != pipelines.path || call.method != Method::POST {
            return Reply::nobody_expects(call);
        }
        let refusal = REFUSALS.iter().find_map(|refusal| refusal(pipelines, call));
        let reply = refusal.unwrap_or_else(|| give_token(state, call));
        reply.header("x-vss-e2eid", &state.new_id())
    }
}

/// What is checked before a token is given.
const REFUSALS: &[fn(&Pipelines, &Call) -> Option<Reply>] =
    &[not_signed_in, api_version_unknown, no_json, parameter_twice, connection_unknown];

/// Whoever is not signed in is sent to a page for people, unless it asks not to be.
fn not_signed_in(pipelines: &Pipelines, call: &Call) -> Option<Reply> {
    if call.header("authorization") == Some(&format!("Bearer {}", pipelines.system_access_token)) {
        return None;
    }
    if call.header("x-tfs-fedauthredirect") == Some("Suppress") {
        let what = "TF400813: The user '' is not authorized to access this resource.";
        return Some(refusal(401, what));
    }
    Some(Reply::text(302, "text/html", "", "sign in").header("location", "https://dev.azure.com/_signin"))
}

fn api_version_unknown(_: &Pipelines, call: &Call) -> Option<Reply> {
    let what = "No api-version was supplied for the \"POST\" request. The version must be supplied either as part of the \
                Accept header or as a query parameter on the URL.";
    (call.parameter("api-version") != Some("7.1")).then(|| refusal(400, what))
}

fn no_json(_: &Pipelines, call: &Call) -> Option<Reply> {
    let json = call.header("content-type").is_some_and(|it| it.starts_with("application/json"));
    let what =
        "The request indicated a Content-Type of \"\" for method type \"POST\" which is not supported.";
    (!json || !call.body.is_empty()).then(|| refusal(415, what))
}

fn parameter_twice(_: &Pipelines, call: &Call) -> Option<Reply> {
    duplicate(&call.query).map(|name| refusal(400, &format!("The parameter '{name}' came twice.")))
}

fn connection_unknown(pipelines: &Pipelines, call: &Call) -> Option<Reply> {
    let id = call.parameter("serviceConnectionId").unwrap_or_default();
    let known = pipelines.service_connections.iter().any(|it| it.id == id);
    (!known).then(|| refusal(404, &format!("The service connection '{id}' does not exist in this project.")))
}

fn give_token(state: &State, call: &Call) -> Reply {
    let id = call.parameter("serviceConnectionId").unwrap_or_default();
    let connections = &state.settings.pipelines.service_connections;
    let subject = connections.iter().find(|it| it.id == id).map_or("", |it| it.subject.as_str());
    let now = state.now();
    let claims = json!({
        "aud": "api://AzureADTokenExchange",
        "exp": now + LIFETIME,
        "iat": now,
        "iss": ISSUER,
        "jti": state.new_id(),
        "nbf": now,
        "sub": subject,
    });
    let token = state.issue_token(&format!("OIDC token of {subject}"), &claims);
    Reply::json(200, &json!({ "oidcToken": token }), format!("token of {subject}"))
}

fn refusal(status: u16, message: &str) -> Reply {
    let body =
        json!({ "$id": "1", "innerException": null, "message": message, "errorCode": 0, "eventId": 3000 });
    Reply::json(status, &body, message.to_owned())
}

/// In seconds.
const LIFETIME: u64 = 600;
