//! An HTTP app that reads a secret from Azure Key Vault with the official SDK.

use azure_core::http::ClientOptions;
use azure_core_wasi::{ComponentCredential, WasiHttpClient, block_on};
use azure_security_keyvault_secrets::{SecretClient, SecretClientOptions};
use std::env;
use std::error::Error;
use waki::{ErrorCode, Request, Response, handler};

#[handler]
fn handle(request: Request) -> Result<Response, ErrorCode> {
    let (status, text) = match request.path() {
        "/" => block_on(secret()).map_or_else(|error| (503, describe(&error)), |value| (200, value)),
        "/ping" => (200, "pong".to_owned()),
        _ => (404, "the paths are / and /ping".to_owned()),
    };
    Response::builder().status_code(status).body(text.into_bytes()).build()
}

/// The error with its sources, because the SDK's own message alone is not specific.
fn describe(error: &(dyn Error + 'static)) -> String {
    let all = std::iter::successors(Some(error), |error| (*error).source());
    all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The value of the secret `SECRET_NAME` (by default `greeting`) in the vault `KEY_VAULT_URL`.
async fn secret() -> azure_core::Result<String> {
    let vault = env::var("KEY_VAULT_URL").unwrap_or_default();
    let name = env::var("SECRET_NAME").unwrap_or_else(|_| "greeting".to_owned());
    let options = SecretClientOptions {
        client_options: ClientOptions {
            transport: Some(WasiHttpClient::default().into()),
            ..Default::default()
        },
        ..Default::default()
    };
    let client = SecretClient::new(&vault, ComponentCredential::new(), Some(options))?;
    let secret = client.get_secret(&name, None).await?.into_model()?;
    Ok(secret.value.unwrap_or_default())
}
