//! `service_principal_entries.json`: the secrets of service principals that are logged in to the CLI.

use super::NAME;
use crate::call_context::CallContext;
use crate::entra::Client;
use crate::entra::assertion::Assertion;
use crate::entra::client_authentication::{ClientAuthentication, SharedSecret};
use crate::entra::client_certificate::CertificateInput;
use crate::error::{Error, quote};
use crate::json::Json;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::sources::{Source, client_credentials::ClientCredentials};
use crate::token::{AccessToken, Secret};
use alloc::rc::Rc;

/// The file's name.
pub const FILE: &str = "service_principal_entries.json";

/// Asks for a token with the credential that the CLI keeps for the client.
///
/// # Errors
/// `rejected` when it keeps none; else Microsoft Entra's.
#[maybe_async]
pub async fn get_token(
    call: &CallContext<'_>,
    request: &TokenRequest,
    client: Client,
    entries: Option<&Json>,
    folder: &str,
) -> Result<AccessToken, Error> {
    let entries = entries.map(Json::elements).unwrap_or_default().iter();
    let entry = find(entries, &client).ok_or_else(|| {
        Error::rejected(NAME, format_args!("{folder}/{FILE} has no entry of the profile's service principal; run: az login --service-principal"))
    })?;
    let authentication: Rc<dyn ClientAuthentication> = if let Some(secret) = text(entry, "client_secret") {
        Rc::new(SharedSecret::new(NAME, Secret::from(secret))?)
    } else if let Some(assertion) = text(entry, "client_assertion") {
        // The one it logged in with, which the CLI cannot renew either.
        Rc::new(Assertion::text(NAME, &Secret::from(assertion))?)
    } else if let Some(path) = text(entry, "certificate") {
        certificate(call, entry, path).await?
    } else {
        return Err(Error::rejected(
            NAME,
            format_args!(
                "the entry of the service principal in {folder}/{FILE} has no credential; run: az login --service-principal"
            ),
        ));
    };
    ClientCredentials::new(client, authentication, "azure-cli/service-principal")
        .get_token(call, request)
        .await
}

/// The proof by the certificate that the CLI was given. It keeps the path alone.
#[maybe_async]
async fn certificate(
    call: &CallContext<'_>,
    entry: &Json,
    path: &str,
) -> Result<Rc<dyn ClientAuthentication>, Error> {
    let given = CertificateInput {
        source: NAME,
        name: &format!("the certificate that {FILE} names ({})", quote(path, &[])),
        password: None,
        password_name: "",
        send_chain: entry.get("use_cert_sn_issuer") == Some(&Json::Bool(true)),
    };
    given.in_file(call, path).await
}

/// The entry of the client in its tenant; the CLI falls back to any of the client's, and so do we.
fn find<'a>(entries: impl Iterator<Item = &'a Json> + Clone, client: &Client) -> Option<&'a Json> {
    let is = |entry: &Json, key: &str, wanted: &str| {
        text(entry, key).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    let mut of_client = entries.filter(|entry| is(entry, "client_id", &client.client_id));
    let mut in_tenant = of_client.clone().filter(|entry| is(entry, "tenant", &client.tenant_id));
    in_tenant.next().or_else(|| of_client.next())
}

fn text<'a>(object: &'a Json, key: &str) -> Option<&'a str> {
    object.text(key)
}
