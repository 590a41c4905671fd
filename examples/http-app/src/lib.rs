//! An HTTP app that reports its identity. It imports one function and contains no Azure code.

use azure::identity::token_credential::get_token;
use azure::identity::types::TokenRequest;
use waki::{ErrorCode, Request, Response, handler};

wit_bindgen::generate!({ path: "../../wit/0.2", world: "consumer" });

#[handler]
fn handle(_: Request) -> Result<Response, ErrorCode> {
    let (status, text) = match identity() {
        Ok(text) => (200, text),
        Err(error) => (503, error),
    };
    Response::builder().status_code(status).body(text.into_bytes()).build()
}

/// The source of the token and its expiry. The token itself is not part of the response.
fn identity() -> Result<String, String> {
    let request = TokenRequest {
        scopes: vec!["https://vault.azure.net/.default".to_owned()],
        tenant_id: None,
        claims: None,
        enable_cae: false,
        options: Vec::new(),
    };
    match get_token(&request) {
        Ok(token) => Ok(format!("{}, until {}", token.source, token.expires_on)),
        Err(error) => Err(error.message),
    }
}
