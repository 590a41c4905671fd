//! The service principal that the environment describes (azure-identity's `EnvironmentCredential`).
//!
//! `AZURE_TENANT_ID` and `AZURE_CLIENT_ID` with `AZURE_CLIENT_SECRET`; or `AZURE_CLIENT_ID`,
//! `AZURE_USERNAME` and `AZURE_PASSWORD`, the tenant being optional then; `AZURE_AUTHORITY_HOST` and
//! `AZURE_ADDITIONALLY_ALLOWED_TENANTS` are optional.

use super::Source;
use super::client_credentials::ClientCredentials;
use super::sign_in::SignIn;
use super::username_password;
use crate::call::Call;
use crate::entra::proof::SharedSecret;
use crate::entra::{self, Client};
use crate::error::Error;
use crate::host::{self, BoxFuture, Host};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::{AccessToken, Secret};
use alloc::rc::Rc;

/// The source. It reads the environment when it is asked.
#[derive(Debug)]
pub struct Environment;

impl Environment {
    fn service_principal(host: &dyn Host) -> Result<ClientCredentials, Error> {
        let get = |name| host::env(host, name);
        let (tenant_id, client_id) = (get("AZURE_TENANT_ID"), get("AZURE_CLIENT_ID"));
        let (secret, certificate) = (get("AZURE_CLIENT_SECRET"), get("AZURE_CLIENT_CERTIFICATE_PATH"));
        let Some(secret) = secret else {
            return Err(without_secret(certificate.is_some()));
        };
        let (Some(tenant_id), Some(client_id)) = (&tenant_id, &client_id) else {
            // Whoever sets a secret means this source, so the rest of it must be there.
            let missing = missing(&[
                ("AZURE_TENANT_ID", tenant_id.is_some()),
                ("AZURE_CLIENT_ID", client_id.is_some()),
            ]);
            return Err(Error::invalid(
                NAME,
                format_args!("AZURE_CLIENT_SECRET is set; set {missing} as well"),
            ));
        };
        entra::check_ids(NAME, ("AZURE_TENANT_ID", "AZURE_CLIENT_ID"), tenant_id, client_id)?;
        let client = Client {
            source: NAME,
            authority: entra::authority_of_environment(host, NAME)?,
            tenant_id: tenant_id.clone(),
            client_id: client_id.clone(),
            allowed_tenants: entra::allowed_tenants_of_environment(host),
        };
        let proof = SharedSecret::new(NAME, Secret::from(secret))?;
        Ok(ClientCredentials::new(client, Rc::new(proof), "environment/client-secret"))
    }
}

impl Environment {
    /// The user with a password, if neither secret nor certificate is set. A name alone does not mean
    /// this source: the shared token cache chooses its account by it.
    fn user(host: &dyn Host) -> Result<Option<SignIn>, Error> {
        let get = |name| host::env(host, name);
        let Some(password) = get("AZURE_PASSWORD").map(Secret::from) else { return Ok(None) };
        if get("AZURE_CLIENT_SECRET").or_else(|| get("AZURE_CLIENT_CERTIFICATE_PATH")).is_some() {
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
            allowed_tenants: entra::allowed_tenants_of_environment(host),
        };
        username_password::new(client, username, password, "environment/username-password").map(Some)
    }
}

impl Source for Environment {
    fn name(&self) -> &'static str {
        NAME
    }

    fn get_token<'a>(
        &'a self,
        call: &'a Call<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        Box::pin(async move {
            match Self::user(call.host)? {
                Some(user) => user.get_token(call, request).await,
                None => Self::service_principal(call.host)?.get_token(call, request).await,
            }
        })
    }
}

/// Tenant and client id alone do not mean this source: workload and managed identity use them too.
fn without_secret(certificate: bool) -> Error {
    if certificate {
        return Error::other(
            NAME,
            "AZURE_CLIENT_CERTIFICATE_PATH is set, and certificates are not implemented yet; set AZURE_CLIENT_SECRET",
        );
    }
    Error::unavailable(
        NAME,
        "AZURE_CLIENT_SECRET is not set; set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET to use a service principal",
    )
}

/// The names of what is not there, joined.
pub fn missing(variables: &[(&str, bool)]) -> String {
    let names: Vec<&str> = variables.iter().filter(|(_, is_set)| !is_set).map(|(name, _)| *name).collect();
    names.join(" and ")
}

const NAME: &str = "environment";
