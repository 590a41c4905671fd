//! The Instance Metadata Service of Azure's virtual machines, scale sets and AKS nodes (Microsoft
//! Learn, "How managed identities for Azure resources work with Azure virtual machines").
//!
//! There is no probe before the request. In a chain, where no configuration says that there is an IMDS, the
//! request has short timeouts, and a server whose response is not like one of IMDS counts as absent.

use super::endpoint::{get, read_token, reason, reported};
use super::managed_host::{ManagedHost, NAME, Protocol, RequestContext};
use super::user_assigned::{IdNames, UserAssigned};
use crate::call_context::CallContext;
use crate::concurrency::{BoxFuture, boxed};
use crate::error::{Error, ErrorKind};
use crate::host::{self, Host};
use crate::http::{HttpError, Response, Url};
use crate::json::Json;
use crate::prelude::*;
use crate::retry;
use crate::service_response::service_response;
use crate::token::AccessToken;
use crate::token_response::ServiceError;
use azure_token_rules::retry::hint;

/// IMDS, which is assumed when no other managed host is detected.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/imds",
    title: "IMDS",
    policy: &retry::IMDS,
    remedy,
    protocol: Protocol::Custom(|context| -> BoxFuture<'_, _> { boxed(fetch_token(context)) }),
};

/// Fetches a token.
///
/// # Errors
/// `not-configured` when there is no response, when the server that responds to a chain is not IMDS, or when the
/// machine has no identity; else `transient`, `authentication-failed` or `other`.
#[maybe_async]
pub async fn fetch_token(context: RequestContext<'_>) -> Result<AccessToken, Error> {
    let RequestContext { call, identity, .. } = context;
    let override_ = host::env(call.host, ENDPOINT_VARIABLE);
    let is_configured = override_.is_some();
    let endpoint = Url::parse_metadata_endpoint(override_.as_deref().map_or(ENDPOINT, str::trim))
        .and_then(Url::without_path)
        .map_err(|error| Error::invalid_argument(NAME, format_args!("{ENDPOINT_VARIABLE} {error}")))?;
    let get = get(&context, endpoint.join(PATH), API_VERSION, &ID_NAMES)?;
    let get = get.header("metadata", "true");
    // A chain must not wait for an endpoint that need not exist. An endpoint that the environment names does.
    let is_probe = call.probing && !is_configured;
    let outcome = if is_probe {
        retry::send_unless(call, &retry::IMDS_IN_CHAIN, &get, |response| !is_like_imds(response)).await
    } else {
        retry::send_unless(call, &retry::IMDS, &get, is_answer).await
    };
    let response = outcome.map_err(|error| no_response(call, error, &endpoint, is_configured))?;
    // A server that returns a token is IMDS. The check is for other responses alone.
    match (response.status == 200).then(|| read_token(&context, &response, None)) {
        Some(Ok(token)) => Ok(token),
        _ if is_probe && !is_like_imds(&response) => Err(Error::not_configured(
            NAME,
            format_args!(
                "the server at 169.254.169.254 did not respond as Azure's IMDS does: {}, {}; on an Azure machine, check that nothing filters requests to it",
                response.status,
                reason(&reported(&response), None)
            ),
        )),
        Some(malformed) => malformed,
        None => Err(refusal(call, &response, identity)),
    }
}

/// Whether a response is like one of IMDS: JSON, except for the statuses of a busy IMDS. Other clouds and
/// proxies respond with HTML or plain text or do not know the path; Docker Desktop responds with 403,
/// "unreachable network". A 502 or 504 without a body is a gateway's, which did not reach an IMDS
/// (`@azure/identity` and Azure.Identity for .NET count both as absence).
fn is_like_imds(response: &Response) -> bool {
    // Damaged JSON is not that of IMDS either.
    let is_json = || Json::parse(&response.body.0).is_some_and(|json| json.is_object());
    match response.status {
        // The response of Docker Desktop may be JSON.
        403 => ServiceError::parse(response)
            .is_some_and(|reported| !reported.description.contains("unreachable")),
        404 => is_answer(response),
        405 => false,
        502 | 504 => is_json(),
        408 | 410 | 429 | 500..=599 => response.body.0.is_empty() || is_json(),
        _ => is_json(),
    }
}

/// Whether a 404 is an answer. Any other one is a sign of an IMDS that is starting, as in the Azure SDKs.
fn is_answer(response: &Response) -> bool {
    response.status == 404
        && ServiceError::parse(response).is_some_and(|reported| reported.error == NO_DEFAULT_IDENTITY)
}

fn no_response(call: &CallContext<'_>, error: HttpError, endpoint: &Url, is_configured: bool) -> Error {
    // No token is that large. In a chain it is the web page of another server.
    let is_web_page = call.probing && error == HttpError::TooLarge;
    if (error.is_unreached() || is_web_page) && !is_configured {
        return Error::not_configured(
            NAME,
            format_args!(
                "no IMDS at 169.254.169.254: {error}{}",
                missing_endpoint(call.host).unwrap_or(remedy(error))
            ),
        );
    }
    let remedy = match error {
        _ if !is_configured => remedy(error),
        HttpError::Denied => {
            "; allow what AZURE_POD_IDENTITY_AUTHORITY_HOST names among the host's outgoing hosts"
        }
        _ => "; check AZURE_POD_IDENTITY_AUTHORITY_HOST",
    };
    let kind = if error == HttpError::TooLarge { ErrorKind::Other } else { ErrorKind::Transient };
    let address = endpoint.authority();
    Error::new(kind, NAME, format_args!("IMDS at {address} gave no token: {error}{remedy}"))
}

/// The remedy when a variable of another managed host is set without the endpoint's. Container Instances set
/// it so and have an IMDS, so it matters only when there is none.
fn missing_endpoint(host: &dyn Host) -> Option<&'static str> {
    let has = |name| host::env(host, name).is_some();
    if has("IDENTITY_HEADER") {
        return Some("; IDENTITY_HEADER is set, so set IDENTITY_ENDPOINT as well");
    }
    has("MSI_SECRET").then_some("; MSI_SECRET is set, so set MSI_ENDPOINT as well")
}

fn remedy(error: HttpError) -> &'static str {
    match error {
        HttpError::Denied => {
            "; on an Azure machine, allow http://169.254.169.254 among the host's outgoing hosts"
        }
        _ => "; on an Azure machine, check that nothing filters requests to it",
    }
}

fn refusal(call: &CallContext<'_>, response: &Response, identity: Option<&UserAssigned>) -> Error {
    let status = response.status;
    let reported = reported(response);
    let why = reason(&reported, None);
    // A machine without an identity is not configured for this source, so the chain goes on.
    let is_absence = reported.description.is_empty() || reported.description.contains("Identity not found");
    let (kind, remedy) = match (status, identity) {
        (..=299, _) => (ErrorKind::Other, ""),
        (300..=399, _) => (ErrorKind::Other, "; redirects are not followed"),
        (404, _) if is_answer(response) => (
            ErrorKind::AuthenticationFailed,
            "; this machine has user-assigned identities alone: name one of them (AZURE_CLIENT_ID, unless the app names one)",
        ),
        (404, _) => (ErrorKind::Transient, "; it may be starting still: try again later"),
        (408 | 410 | 429 | 500.., _) => (ErrorKind::Transient, "; try again later"),
        (400, None) if is_absence => {
            (ErrorKind::NotConfigured, "; assign a managed identity to this machine to use it")
        }
        (400, Some(_)) if is_absence => (
            ErrorKind::AuthenticationFailed,
            "; check that the identity is assigned to this machine (AZURE_CLIENT_ID, unless the app names one)",
        ),
        _ => (
            ErrorKind::AuthenticationFailed,
            "; check the scope and, where there are several, which identity is meant",
        ),
    };
    let mut error = match retry::retry_after(response, call.host.now()) {
        Some(wait) if kind == ErrorKind::Transient => {
            Error::new(kind, NAME, format_args!("IMDS responded with {status}, {why}; {}", hint(wait)))
        }
        _ => Error::new(kind, NAME, format_args!("IMDS responded with {status}, {why}{remedy}")),
    };
    error.response = Some(service_response(response, &reported, call, &[]));
    error
}

const ID_NAMES: IdNames =
    IdNames { client: Some("client_id"), object: Some("object_id"), resource: Some("msi_res_id") };
const API_VERSION: &str = "2018-02-01";
/// The code by which Container Instances refuse a request that names no identity, if they have no system-assigned
/// one.
const NO_DEFAULT_IDENTITY: &str = "DefaultIdentityNotDefined";
const ENDPOINT: &str = "http://169.254.169.254";
/// As in azure-identity; also how tests and the simulator are reached.
const ENDPOINT_VARIABLE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
const PATH: &str = "metadata/identity/oauth2/token";
