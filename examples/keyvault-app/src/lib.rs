//! An HTTP app that reads a secret from Azure Key Vault with the identity of its environment.

use azure_identity_guest::get_token;
use std::env;
use std::time::Duration;
use waki::{Client, ErrorCode, Request, Response, handler};

#[handler]
fn handle(request: Request) -> Result<Response, ErrorCode> {
    let (status, text) = match request.path() {
        "/" => secret().map_or_else(|error| (503, error), |value| (200, value)),
        "/ping" => (200, "pong".to_owned()),
        _ => (404, "the paths are / and /ping".to_owned()),
    };
    Response::builder().status_code(status).body(text.into_bytes()).build()
}

/// The value of the secret `SECRET_NAME` (by default `greeting`) in the vault `KEY_VAULT_URL`.
fn secret() -> Result<String, String> {
    let vault = env::var("KEY_VAULT_URL").map_err(|_| "KEY_VAULT_URL is not set")?;
    let vault = vault.trim_end_matches('/');
    // The token grants access to the secret, so it is not sent unencrypted to another machine.
    if !vault.starts_with("https://") && !vault.starts_with("http://127.0.0.1:") {
        return Err("KEY_VAULT_URL does not begin with https://".to_owned());
    }
    let name = env::var("SECRET_NAME").unwrap_or_else(|_| "greeting".to_owned());
    let token = get_token(["https://vault.azure.net/.default"]).map_err(|error| error.to_string())?;
    let request = Client::new()
        .get(&format!("{vault}/secrets/{name}?api-version=7.6"))
        .header("authorization", token.authorization())
        .connect_timeout(Duration::from_secs(10));
    let response = request.send().map_err(|error| format!("the request to {vault} failed: {error}"))?;
    let status = response.status_code();
    let body = response.body().map_err(|error| format!("the response of {vault} is incomplete: {error}"))?;
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    match (status, body["value"].as_str()) {
        (200, Some(value)) => Ok(value.to_owned()),
        _ => Err(format!("{vault} responded with {status}: {}", body["error"]["message"])),
    }
}
