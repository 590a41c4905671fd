//! The official Rust SDK as a component with our interface, on a transport over `wasi:http`: how large it is when it does what
//! ours does, and, with the feature `measured`, what its calls cost.
//!
//! It has the sources that work without processes and files of other programs: client secret, workload
//! identity, Azure Pipelines, managed identity (App Service, IMDS). Certificates need OpenSSL, and the tools'
//! credentials need processes: a component has neither.

use azure::identity::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use azure_core::credentials::{AccessToken as AzureToken, Secret, TokenCredential};
use azure_core::http::ClientOptions;
#[cfg(not(feature = "measured"))]
use azure_core_wasi::WasiHttpClient;
use azure_core_wasi::block_on;
use azure_identity::{
    AzurePipelinesCredential, AzurePipelinesCredentialOptions, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use exports::azure::identity::token_credential::Guest as Provider;
use std::env;
use std::sync::{Arc, OnceLock};

#[cfg(feature = "measured")]
mod measured;

#[cfg(not(feature = "measured"))]
wit_bindgen::generate!({
    inline: "
        package tests:official;
        world official { export azure:identity/token-credential@0.2.0; }
    ",
    path: "../../../../wit/0.2",
    generate_all,
});
#[cfg(feature = "measured")]
wit_bindgen::generate!({
    inline: "
        package tests:official;
        world official {
            export azure:identity/token-credential@0.2.0;
            /// As of the app `caller`.
            export ask: func(times: u32, scopes: list<string>) -> result<u64, string>;
        }
    ",
    path: "../../../../wit/0.2",
    generate_all,
});
export!(Official);

struct Official;

impl Provider for Official {
    fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        let scopes: Vec<&str> = request.scopes.iter().map(String::as_str).collect();
        let token = token_of(&scopes).map_err(|error| CredentialError {
            kind: ErrorKind::Other,
            message: error.to_string(),
            claims: None,
            response: None,
            attempts: vec![],
            details: vec![],
        })?;
        Ok(AccessToken {
            token: token.token.secret().to_owned(),
            token_type: "Bearer".to_owned(),
            expires_on: token.expires_on.unix_timestamp().try_into().unwrap_or_default(),
            refresh_on: None,
            source: "official".to_owned(),
            details: Vec::new(),
        })
    }
}

#[cfg(feature = "measured")]
impl Guest for Official {
    fn ask(times: u32, scopes: Vec<String>) -> Result<u64, String> {
        let mut length = 0;
        for number in 0..times as usize {
            let scope = scopes.get(number % scopes.len().max(1)).ok_or("no scopes")?;
            let token = token_of(&[scope]).map_err(|error| error.to_string())?;
            length += token.token.secret().len() as u64;
        }
        Ok(length)
    }
}

fn token_of(scopes: &[&str]) -> azure_core::Result<AzureToken> {
    match CREDENTIAL.get() {
        Some(credential) => block_on(credential.get_token(scopes, None)),
        None => from_environment()
            .and_then(|credential| block_on(CREDENTIAL.get_or_init(|| credential).get_token(scopes, None))),
    }
}

/// The credential that the variables are for.
fn from_environment() -> azure_core::Result<Arc<dyn TokenCredential>> {
    let (tenant, client) = (variable("AZURE_TENANT_ID"), variable("AZURE_CLIENT_ID"));
    if let Some(secret) = variable("AZURE_CLIENT_SECRET") {
        let options = ClientSecretCredentialOptions { client_options: client_options() };
        let (tenant, client) = (tenant.unwrap_or_default(), client.unwrap_or_default());
        return Ok(ClientSecretCredential::new(&tenant, client, Secret::new(secret), Some(options))?);
    }
    if let Some(connection) = variable("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID") {
        let token = variable("SYSTEM_ACCESSTOKEN").unwrap_or_default();
        let (tenant, client) = (tenant.unwrap_or_default(), client.unwrap_or_default());
        let options =
            AzurePipelinesCredentialOptions { credential_options: assertion_options(), ..Default::default() };
        return Ok(AzurePipelinesCredential::new(tenant, client, &connection, token, Some(options))?);
    }
    if variable("AZURE_FEDERATED_TOKEN_FILE").is_some() {
        let options = WorkloadIdentityCredentialOptions {
            credential_options: assertion_options(),
            ..Default::default()
        };
        return Ok(WorkloadIdentityCredential::new(Some(options))?);
    }
    let options = ManagedIdentityCredentialOptions { client_options: client_options(), ..Default::default() };
    Ok(ManagedIdentityCredential::new(Some(options))?)
}

fn assertion_options() -> ClientAssertionCredentialOptions {
    ClientAssertionCredentialOptions { client_options: client_options() }
}

fn client_options() -> ClientOptions {
    #[cfg(not(feature = "measured"))]
    let transport = WasiHttpClient::default().into();
    #[cfg(feature = "measured")]
    let transport =
        measured::transport_to(&variable("AZURE_POD_IDENTITY_AUTHORITY_HOST").unwrap_or_default());
    ClientOptions { transport: Some(transport), ..Default::default() }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

static CREDENTIAL: OnceLock<Arc<dyn TokenCredential>> = OnceLock::new();
