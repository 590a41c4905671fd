//! `service_principal_entries.json`: the secrets of the service principals that are logged in to the CLI.

use super::files;
use super::options::NAME;
use crate::call_context::CallContext;
use crate::entra::Client;
use crate::entra::assertion::Assertion;
use crate::entra::client_authentication::{SharedAuthentication, SharedSecret};
use crate::entra::client_certificate::CertificateInput;
use crate::error::{Error, quote};
use crate::host::path;
use crate::json::Json;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::sources::client_credentials::ClientCredentials;
use crate::token::{AccessToken, Secret};
use alloc::rc::Rc;

/// The file's name.
const FILE: &str = "service_principal_entries.json";

/// Fetches a token with the credential that the CLI keeps for the client.
///
/// # Errors
/// `authentication-failed` when it keeps none; else as [`Client::fetch_token`].
#[maybe_async]
pub async fn get_token(
    call: &CallContext<'_>,
    request: &TokenRequest,
    client: Client,
    folder: &str,
) -> Result<AccessToken, Error> {
    let entries = files::read_json(call, folder, FILE, files::REMOVE).await?;
    if entries.is_none()
        && let Some(error) = files::encrypted(call, folder, "service_principal_entries.bin").await
    {
        return Err(error);
    }
    let entry = entries.as_ref().and_then(|entries| find(entries.elements(), &client)).ok_or_else(|| {
        Error::authentication_failed(
            NAME,
            format_args!(
                "{} has no entry of the profile's service principal; run: az login --service-principal",
                path::join(folder, FILE)
            ),
        )
    })?;
    let authentication: SharedAuthentication = if let Some(secret) = entry.text("client_secret") {
        Rc::new(SharedSecret::new(NAME, Secret::from(secret))?)
    } else if let Some(assertion) = entry.text("client_assertion") {
        // The assertion of the login. The CLI cannot renew it either.
        Rc::new(Assertion::text(NAME, &Secret::from(assertion))?)
    } else if let Some(path) = entry.text("certificate") {
        certificate(call, entry, path).await?
    } else {
        return Err(Error::authentication_failed(
            NAME,
            format_args!(
                "the entry of the service principal in {} has no credential; run: az login --service-principal",
                path::join(folder, FILE)
            ),
        ));
    };
    ClientCredentials::new(client, authentication, "azure-cli/service-principal")
        .get_token(call, request)
        .await
}

/// The authentication by the certificate of the login. The CLI keeps its path alone.
#[maybe_async]
async fn certificate(
    call: &CallContext<'_>,
    entry: &Json,
    path: &str,
) -> Result<SharedAuthentication, Error> {
    let input = CertificateInput {
        source: NAME,
        name: &format!("the certificate that {FILE} names ({})", quote(path, &[])),
        password: None,
        password_name: None,
        send_chain: entry.is_true("use_cert_sn_issuer"),
        kept: None,
    };
    input.in_file(call, path).await
}

/// The entry of the client in its tenant, else any entry of the client, as in the CLI.
fn find<'a>(entries: impl Iterator<Item = &'a Json> + Clone, client: &Client) -> Option<&'a Json> {
    let has = |entry: &Json, key: &str, wanted: &str| {
        entry.text(key).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    let mut of_client = entries.filter(|entry| has(entry, "client_id", client.client_id.as_str()));
    let mut in_tenant = of_client.clone().filter(|entry| has(entry, "tenant", client.tenant_id.as_str()));
    in_tenant.next().or_else(|| of_client.next())
}
