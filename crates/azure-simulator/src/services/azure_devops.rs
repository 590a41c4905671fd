//! Azure DevOps, which issues OIDC tokens for the service connections of a job of Azure Pipelines.
//!
//! After the Azure DevOps REST API, "Oidctoken - Create", and "Troubleshoot an Azure Resource Manager
//! workload identity service connection". The first refusal of `REFUSALS` that applies is the response.

use http::{Method, Uri};
use serde_json::json;

use crate::incoming_request::{IncomingRequest, duplicate_name, scheme};
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::settings::{PIPELINES_ISSUER, Pipelines, TOKEN_EXCHANGE_AUDIENCE};
use crate::state::State;

/// Azure DevOps at `https://dev.azure.com`.
pub struct AzureDevOps;

const ORIGIN: &str = "https://dev.azure.com";

impl Service for AzureDevOps {
    fn name(&self) -> ServiceName {
        ServiceName::AzureDevops
    }

    fn is_at(&self, uri: &Uri) -> bool {
        let secure = scheme(uri) == "https" && matches!(uri.port_u16(), None | Some(443));
        secure && uri.host() == Some("dev.azure.com")
    }

    fn origin_of(&self, path: &str) -> Option<&'static str> {
        path.contains("/_apis/distributedtask/").then_some(ORIGIN)
    }

    fn handle(&self, state: &State, request: &IncomingRequest) -> Reply {
        let pipelines = &state.settings.pipelines;
        if request.path() != pipelines.path || request.method != Method::POST {
            return Reply::not_simulated(request);
        }
        let refusal = REFUSALS.iter().find_map(|refusal| refusal(pipelines, request));
        let reply = refusal.unwrap_or_else(|| token_response(state, request));
        reply.header("x-vss-e2eid", &state.new_id())
    }
}

/// The checks before a token is issued, in the order of the real service.
const REFUSALS: &[fn(&Pipelines, &IncomingRequest) -> Option<Reply>] =
    &[unauthenticated, api_version_unknown, not_json, duplicate_parameter, connection_unknown];

/// Redirects an unauthenticated caller to the sign-in page, unless a header asks for 401 in place of that.
fn unauthenticated(pipelines: &Pipelines, request: &IncomingRequest) -> Option<Reply> {
    if request.header("authorization") == Some(&format!("Bearer {}", pipelines.system_access_token)) {
        return None;
    }
    if request.header("x-tfs-fedauthredirect") == Some("Suppress") {
        let what = "TF400813: The user '' is not authorized to access this resource.";
        return Some(refusal(401, what));
    }
    Some(Reply::text(302, "text/html", "", "sign in").header("location", "https://dev.azure.com/_signin"))
}

fn api_version_unknown(_: &Pipelines, request: &IncomingRequest) -> Option<Reply> {
    let what = "No api-version was supplied for the \"POST\" request. The version must be supplied either as part of the \
                Accept header or as a query parameter on the URL.";
    (request.parameter("api-version") != Some("7.1")).then(|| refusal(400, what))
}

fn not_json(_: &Pipelines, request: &IncomingRequest) -> Option<Reply> {
    let json = request.header("content-type").is_some_and(|it| it.starts_with("application/json"));
    let what =
        "The request indicated a Content-Type of \"\" for method type \"POST\" which is not supported.";
    (!json || !request.body.is_empty()).then(|| refusal(415, what))
}

fn duplicate_parameter(_: &Pipelines, request: &IncomingRequest) -> Option<Reply> {
    duplicate_name(&request.query)
        .map(|name| refusal(400, &format!("The parameter '{name}' is given more than once.")))
}

fn connection_unknown(pipelines: &Pipelines, request: &IncomingRequest) -> Option<Reply> {
    let id = request.parameter("serviceConnectionId").unwrap_or_default();
    let known = pipelines.service_connections.iter().any(|it| it.id == id);
    (!known).then(|| refusal(404, &format!("The service connection '{id}' does not exist in this project.")))
}

fn token_response(state: &State, request: &IncomingRequest) -> Reply {
    let id = request.parameter("serviceConnectionId").unwrap_or_default();
    let connections = &state.settings.pipelines.service_connections;
    let subject = connections.iter().find(|it| it.id == id).map_or("", |it| it.subject.as_str());
    let now = state.now();
    let claims = json!({
        "aud": TOKEN_EXCHANGE_AUDIENCE,
        "exp": now + LIFETIME,
        "iat": now,
        "iss": PIPELINES_ISSUER,
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

/// The lifetime of a token, in seconds.
const LIFETIME: u64 = 600;
