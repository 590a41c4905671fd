//! The service principal that environment variables describe (azure-identity's `EnvironmentCredential`).
//!
//! | variables | identity |
//! |---|---|
//! | `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET` | a client with a secret |
//! | `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_CERTIFICATE_PATH` (a file) or `AZURE_CLIENT_CERTIFICATE` (the certificate itself, for hosts without files; this project's own variable), optionally `AZURE_CLIENT_CERTIFICATE_PASSWORD` and `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN` | a client with a certificate |
//! | `AZURE_CLIENT_ID`, `AZURE_USERNAME`, `AZURE_PASSWORD`, optionally `AZURE_TENANT_ID` | a user |
//!
//! `AZURE_AUTHORITY_HOST` and `AZURE_ADDITIONALLY_ALLOWED_TENANTS` are optional.

use super::client_credentials::ClientCredentials;
use super::sign_in::SignIn;
use super::username_password;
use crate::call_context::CallContext;
use crate::entra::client::parse_ids;
use crate::entra::client_authentication::{SharedAuthentication, SharedSecret};
use crate::entra::client_certificate::{CertificateInput, KeptCertificate};
use crate::entra::{Client, ClientOptions};
use crate::error::Error;
use crate::host::{self, Host};
use crate::identifiers::TenantId;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::token::{AccessToken, Secret};
use alloc::rc::Rc;

/// The source. It reads the environment, and the file of a certificate, with each request.
#[derive(Debug, Default)]
pub struct Environment {
    client: ClientOptions,
    certificate: KeptCertificate,
}

impl Environment {
    /// The source whose client has these settings.
    pub fn new(client: ClientOptions) -> Self {
        Self { client, certificate: KeptCertificate::default() }
    }

    #[maybe_async]
    async fn service_principal(&self, call: &CallContext<'_>) -> Result<ClientCredentials, Error> {
        let host = call.host;
        let get = |name| host::env(host, name);
        // A secret wins over a certificate, as in the Azure SDKs.
        let variables = [SECRET, CERTIFICATE_PATH, CERTIFICATE].into_iter();
        let mut values = variables.map(|name| (name, get(name)));
        let first = values.find_map(|(name, value)| Some((name, Secret::from(value?))));
        let Some((variable, value)) = first else {
            return Err(not_configured());
        };
        let (tenant_id, client_id) = match (get(TENANT_ID), get(CLIENT_ID)) {
            (Some(tenant_id), Some(client_id)) => (tenant_id, client_id),
            // A secret or certificate announces this source, so the other variables are required.
            (tenant_id, client_id) => {
                let missing = missing(&[(TENANT_ID, tenant_id.is_some()), (CLIENT_ID, client_id.is_some())]);
                return Err(Error::invalid_argument(
                    NAME,
                    format_args!("{variable} is set; set {missing} as well"),
                ));
            }
        };
        let client = self.client(host, tenant_id, client_id)?;
        if variable == SECRET {
            let authentication = SharedSecret::new(NAME, value)?;
            return Ok(ClientCredentials::new(client, Rc::new(authentication), "environment/client-secret"));
        }
        let authentication = self.certificate(call, variable, &value).await?;
        Ok(ClientCredentials::new(client, authentication, "environment/client-certificate"))
    }

    /// The authentication by the certificate that a variable names or holds.
    #[maybe_async]
    async fn certificate(
        &self,
        call: &CallContext<'_>,
        variable: &str,
        value: &Secret,
    ) -> Result<SharedAuthentication, Error> {
        let get = |name| host::env(call.host, name);
        let in_file = variable == CERTIFICATE_PATH;
        let input = CertificateInput {
            source: NAME,
            name: if in_file { "the file that AZURE_CLIENT_CERTIFICATE_PATH names" } else { variable },
            password: get(CERTIFICATE_PASSWORD).map(Secret::from),
            password_name: Some(CERTIFICATE_PASSWORD),
            send_chain: host::is_on(call.host, "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"),
            kept: Some(&self.certificate),
        };
        if in_file { input.in_file(call, value.expose()).await } else { input.in_text(value) }
    }

    fn client(&self, host: &dyn Host, tenant_id: String, client_id: String) -> Result<Client, Error> {
        let (tenant_id, client_id) = parse_ids(NAME, (TENANT_ID, CLIENT_ID), tenant_id, client_id)?;
        self.client.with_tenants_of_environment(host).client(host, NAME, tenant_id, client_id)
    }

    /// The user with a password, if neither secret nor certificate is set. `AZURE_USERNAME` alone does not
    /// announce this source: the shared token cache chooses its account by it.
    fn user(&self, host: &dyn Host) -> Result<Option<SignIn>, Error> {
        let get = |name| host::env(host, name);
        let Some(password) = get("AZURE_PASSWORD").map(Secret::from) else { return Ok(None) };
        if [SECRET, CERTIFICATE_PATH, CERTIFICATE].into_iter().any(|name| get(name).is_some()) {
            return Ok(None);
        }
        let (client_id, username) = match (get(CLIENT_ID), get(USERNAME)) {
            (Some(client_id), Some(username)) => (client_id, username),
            (client_id, username) => {
                let missing = missing(&[(CLIENT_ID, client_id.is_some()), (USERNAME, username.is_some())]);
                return Err(Error::invalid_argument(
                    NAME,
                    format_args!("AZURE_PASSWORD is set; set {missing} as well"),
                ));
            }
        };
        let tenant_id = get(TENANT_ID).unwrap_or_else(|| TenantId::organizations().as_str().to_owned());
        let client = self.client(host, tenant_id, client_id)?;
        username_password::new(client, &username, password, "environment/username-password").map(Some)
    }
}

#[maybe_async(AFIT)]
impl Source for Environment {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        match self.user(call.host)? {
            Some(user) => user.get_token(call, request).await,
            None => self.service_principal(call).await?.get_token(call, request).await,
        }
    }
}

/// The error when no secret is set. Tenant and client id alone do not announce this source: workload identity
/// and managed identity use them too.
fn not_configured() -> Error {
    Error::not_configured(
        NAME,
        "AZURE_CLIENT_SECRET is not set; set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET to use a service principal",
    )
}

/// The names of the variables that are not set, joined.
pub fn missing(variables: &[(&str, bool)]) -> String {
    let names: Vec<&str> = variables.iter().filter(|(_, is_set)| !is_set).map(|(name, _)| *name).collect();
    names.join(" and ")
}

const NAME: &str = "environment";
const TENANT_ID: &str = "AZURE_TENANT_ID";
const CLIENT_ID: &str = "AZURE_CLIENT_ID";
const USERNAME: &str = "AZURE_USERNAME";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE_PATH: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE";
const CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
