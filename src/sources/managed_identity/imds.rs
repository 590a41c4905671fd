//! The Instance Metadata Service of Azure's virtual machines, scale sets and AKS nodes (Microsoft
//! Learn, "How managed identities for Azure resources work with Azure virtual machines").
//!
//! One request, no probe: where nothing says that there is an IMDS, the real request goes out with
//! short timeouts, and whoever does not answer like IMDS is none.

use super::endpoint::{get, read_token, why};
use super::{ManagedHost, NAME, Protocol, RequestContext, UserAssigned};
use crate::call_context::CallContext;
use crate::error::{Error, ErrorKind};
use crate::host::{self, BoxFuture, Host, boxed};
use crate::http::{HttpError, Response, Url};
use crate::prelude::*;
use crate::retry;
use crate::text;
use crate::token::AccessToken;
use crate::token_response::ServiceError;

/// Whatever machine it is, if nothing says otherwise.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/imds",
    title: "IMDS",
    policy: &retry::IMDS,
    remedy,
    protocol: Protocol::Custom(|context| -> BoxFuture<'_, _> { boxed(get_token(context)) }),
};

/// `unavailable` when nobody answers, when what answers in a chain is not IMDS, or when the machine
/// has no identity.
#[maybe_async]
pub async fn get_token(context: RequestContext<'_>) -> Result<AccessToken, Error> {
    let RequestContext { call, identity, .. } = context;
    let override_ = host::env(call.host, ENDPOINT_VARIABLE);
    let is_configured = override_.is_some();
    let endpoint = Url::parse_metadata_endpoint(override_.as_deref().map_or(ENDPOINT, str::trim))
        .and_then(Url::without_path)
        .map_err(|error| Error::invalid(NAME, format_args!("{ENDPOINT_VARIABLE} {error}")))?;
    let get = get(&context, endpoint.join(PATH), API_VERSION, ["client_id", "object_id", "msi_res_id"]);
    let get = get.header("metadata", "true");
    // A chain must not wait for a machine that need not be there; one that was named is there.
    let is_brief = call.probing && !is_configured;
    let outcome = if is_brief {
        retry::send_unless(call, &retry::IMDS_IN_CHAIN, &get, |response| !speaks_like_imds(response)).await
    } else {
        retry::send(call, &retry::IMDS, &get).await
    };
    let response = outcome.map_err(|error| silence(call, error, is_configured))?;
    // Whoever gives a token is IMDS; only of others it is asked whether they speak like it.
    match (response.status == 200).then(|| read_token(&context, &response)) {
        Some(Ok(token)) => Ok(token),
        _ if is_brief && !speaks_like_imds(&response) => Err(Error::unavailable(
            NAME,
            format_args!(
                "what answers at 169.254.169.254 ({}) is not Azure's IMDS; this is not an Azure machine",
                response.status
            ),
        )),
        Some(refused) => refused,
        None => Err(refusal(call, &response, identity)),
    }
}

/// IMDS answers in JSON, but for the statuses it gives while it is busy. Other clouds, proxies and
/// Docker Desktop (403, "unreachable network") answer in HTML or plain text, or with a path they do
/// not know.
fn speaks_like_imds(response: &Response) -> bool {
    match response.status {
        // Docker Desktop says this in JSON too.
        403 => ServiceError::parse(response)
            .is_some_and(|said| !text::contains(&said.description, "unreachable")),
        404 | 405 => false,
        408 | 410 | 429 | 500..=599 => response.body.0.is_empty() || ServiceError::parse(response).is_some(),
        _ => ServiceError::parse(response).is_some(),
    }
}

fn silence(call: &CallContext<'_>, error: HttpError, is_configured: bool) -> Error {
    // No token is that large: in a chain that is somebody's web page.
    let is_web_page = call.probing && error == HttpError::TooLarge;
    if (error.nobody_answered() || is_web_page) && !is_configured {
        return Error::unavailable(
            NAME,
            format_args!("no IMDS at 169.254.169.254: {error}{}", orphan(call.host).unwrap_or(remedy(error))),
        );
    }
    let (place, remedy) =
        if is_configured { (ENDPOINT_VARIABLE, "; check what it names") } else { ("IMDS", remedy(error)) };
    let kind = if error == HttpError::TooLarge { ErrorKind::Other } else { ErrorKind::Unreachable };
    Error::new(kind, NAME, format_args!("{place} gave no token: {error}{remedy}"))
}

/// A variable of another host without the one that says where that host is. Container Instances set it
/// so and have an IMDS, so this is worth a word only when there is none.
fn orphan(host: &dyn Host) -> Option<&'static str> {
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
    let said = ServiceError::parse(response).unwrap_or_default();
    let why = why(&said, None);
    // Nothing but the machine's own setup says whether it has an identity, so this is absence.
    let is_absence = said.description.is_empty() || text::contains(&said.description, "Identity not found");
    let (kind, remedy) = match (status, identity) {
        (..=299, _) => (ErrorKind::Other, ""),
        (300..=399, _) => (ErrorKind::Other, "; redirects are not followed"),
        (404, _) => (ErrorKind::Unreachable, "; it may be starting still: try again later"),
        (408 | 410 | 429 | 500.., _) => (ErrorKind::Unreachable, "; try again later"),
        (400, None) if is_absence => {
            (ErrorKind::Unavailable, "; assign a managed identity to this machine to use it")
        }
        (400, Some(_)) if is_absence => (
            ErrorKind::Rejected,
            "; check that the identity is assigned to this machine (AZURE_CLIENT_ID, unless the app names one)",
        ),
        _ => (ErrorKind::Rejected, "; check the scope and, where there are several, which identity is meant"),
    };
    let mut error = match retry::retry_after(response, call.host.now()) {
        Some(wait) if kind == ErrorKind::Unreachable => {
            let wait = wait.as_secs();
            Error::new(kind, NAME, format_args!("IMDS answered {status}, {why}; try again after {wait} s"))
        }
        _ => Error::new(kind, NAME, format_args!("IMDS answered {status}, {why}{remedy}")),
    };
    error.error_codes = said.error_codes;
    error
}

const API_VERSION: &str = "2018-02-01";
const ENDPOINT: &str = "http://169.254.169.254";
/// As in azure-identity; also how tests and the simulator are reached.
const ENDPOINT_VARIABLE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
const PATH: &str = "metadata/identity/oauth2/token";
