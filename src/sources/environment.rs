//! The service principal that the environment describes (azure-identity's `EnvironmentCredential`).
//!
//! `AZURE_TENANT_ID` and `AZURE_CLIENT_ID` with `AZURE_CLIENT_SECRET`, or with a certificate: its file in
//! `AZURE_CLIENT_CERTIFICATE_PATH` or, for hosts without files, itself in `AZURE_CLIENT_CERTIFICATE` (our
//! own; the SDKs do not know it), with `AZURE_CLIENT_CERTIFICATE_PASSWORD` and
//! `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN`. Or `AZURE_CLIENT_ID`, `AZURE_USERNAME` and `AZURE_PASSWORD`, the
//! tenant being optional then. `AZURE_AUTHORITY_HOST` and `AZURE_ADDITIONALLY_ALLOWED_TENANTS` are optional.

use super::Source;
use super::client_credentials::ClientCredentials;
use super::sign_in::SignIn;
use super::username_password;
use crate::call_context::CallContext;
use crate::entra::client_authentication::{ClientAuthentication, SharedSecret};
use crate::entra::client_certificate::CertificateInput;
use crate::entra::{self, Client};
use crate::error::Error;
use crate::host::{self, BoxFuture, Host, boxed};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::text;
use crate::token::{AccessToken, Secret};
use alloc::rc::Rc;

/// The source. It reads the environment when it is asked.
#[derive(Debug, Default)]
pub struct Environment {
    /// The tenants that requests may name, besides those of `AZURE_ADDITIONALLY_ALLOWED_TENANTS`.
    pub allowed_tenants: Vec<String>,
}

impl Environment {
    #[maybe_async]
    async fn service_principal(&self, call: &CallContext<'_>) -> Result<ClientCredentials, Error> {
        let host = call.host;
        let get = |name| host::env(host, name);
        // A secret wins over a certificate, as in the Azure SDKs.
        let authentication = [SECRET, CERTIFICATE_PATH, CERTIFICATE].into_iter();
        let authentication = authentication
            .clone()
            .zip(authentication.map(get))
            .find_map(|(name, value)| Some((name, Secret::from(value?))));
        let Some((variable, value)) = authentication else {
            return Err(nothing());
        };
        let (tenant_id, client_id) = (get("AZURE_TENANT_ID"), get("AZURE_CLIENT_ID"));
        let (Some(tenant_id), Some(client_id)) = (&tenant_id, &client_id) else {
            // Whoever sets a secret means this source, so the rest of it must be there.
            let missing = missing(&[
                ("AZURE_TENANT_ID", tenant_id.is_some()),
                ("AZURE_CLIENT_ID", client_id.is_some()),
            ]);
            return Err(Error::invalid(NAME, format_args!("{variable} is set; set {missing} as well")));
        };
        entra::check_ids(NAME, ("AZURE_TENANT_ID", "AZURE_CLIENT_ID"), tenant_id, client_id)?;
        let client = Client {
            source: NAME,
            authority: entra::authority_of_environment(host, NAME)?,
            tenant_id: tenant_id.clone(),
            client_id: client_id.clone(),
            allowed_tenants: self.allowed_tenants(host),
        };
        if variable == SECRET {
            let authentication = SharedSecret::new(NAME, value)?;
            return Ok(ClientCredentials::new(client, Rc::new(authentication), "environment/client-secret"));
        }
        let authentication = certificate(call, variable, &value).await?;
        Ok(ClientCredentials::new(client, authentication, "environment/client-certificate"))
    }

    fn allowed_tenants(&self, host: &dyn Host) -> Vec<String> {
        let mut tenants = entra::allowed_tenants_of_environment(host);
        tenants.extend(self.allowed_tenants.iter().cloned());
        tenants
    }

    /// The user with a password, if neither secret nor certificate is set. A name alone does not mean
    /// this source: the shared token cache chooses its account by it.
    fn user(&self, host: &dyn Host) -> Result<Option<SignIn>, Error> {
        let get = |name| host::env(host, name);
        let Some(password) = get("AZURE_PASSWORD").map(Secret::from) else { return Ok(None) };
        if [SECRET, CERTIFICATE_PATH, CERTIFICATE].into_iter().any(|name| get(name).is_some()) {
            return Ok(None);
        }
        let (client_id, username) = (get("AZURE_CLIENT_ID"), get("AZURE_USERNAME"));
        let (Some(client_id), Some(username)) = (&client_id, &username) else {
            let missing =
                missing(&[("AZURE_CLIENT_ID", client_id.is_some()), ("AZURE_USERNAME", username.is_some())]);
            return Err(Error::invalid(NAME, format_args!("AZURE_PASSWORD is set; set {missing} as well")));
        };
        let tenant_id = get("AZURE_TENANT_ID").unwrap_or_else(|| "organizations".to_owned());
        entra::check_ids(NAME, ("AZURE_TENANT_ID", "AZURE_CLIENT_ID"), &tenant_id, client_id)?;
        let client = Client {
            source: NAME,
            authority: entra::authority_of_environment(host, NAME)?,
            tenant_id,
            client_id: client_id.clone(),
            allowed_tenants: self.allowed_tenants(host),
        };
        username_password::new(client, username, password, "environment/username-password").map(Some)
    }
}

/// The proof by the certificate that a variable names or holds.
#[maybe_async]
async fn certificate(
    call: &CallContext<'_>,
    variable: &str,
    value: &Secret,
) -> Result<Rc<dyn ClientAuthentication>, Error> {
    let get = |name| host::env(call.host, name);
    // Only these two: `false` must not mean yes, as it does in azure-identity for Python.
    let is_true = |value: String| matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "1");
    let in_file = variable == CERTIFICATE_PATH;
    let given = CertificateInput {
        source: NAME,
        name: if in_file { "the file that AZURE_CLIENT_CERTIFICATE_PATH names" } else { variable },
        password: get(CERTIFICATE_PASSWORD).map(Secret::from),
        password_name: CERTIFICATE_PASSWORD,
        send_chain: get("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN").is_some_and(is_true),
    };
    if in_file { given.in_file(call, value.expose()).await } else { given.in_text(value) }
}

impl Source for Environment {
    fn name(&self) -> &'static str {
        NAME
    }

    #[maybe_async]
    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(async move {
            match self.user(call.host)? {
                Some(user) => user.get_token(call, request).await,
                None => self.service_principal(call).await?.get_token(call, request).await,
            }
        })
    }
}

/// Tenant and client id alone do not mean this source: workload and managed identity use them too.
fn nothing() -> Error {
    Error::unavailable(
        NAME,
        "AZURE_CLIENT_SECRET is not set; set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET to use a service principal",
    )
}

/// The names of what is not there, joined.
pub fn missing(variables: &[(&str, bool)]) -> String {
    let names: Vec<&str> = variables.iter().filter(|(_, is_set)| !is_set).map(|(name, _)| *name).collect();
    text::join(&names, " and ")
}

const NAME: &str = "environment";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE_PATH: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE";
const CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
