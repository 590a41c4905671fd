//! What an app does that gets its tokens itself: IMDS over raw `wasi:http`, `serde_json`, and a cache in a static
//! (`imds.rs`). It has one source, one identity, no retry, and a cache that trusts the wall clock.
//!
//! `get-token` is its function behind the project's interface; `ask` calls it without a boundary between components.

mod imds;

use azure::identity::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use exports::azure::identity::token_credential::Guest as Provider;

wit_bindgen::generate!({
    inline: "
        package tests:by-hand;
        world by-hand {
            export azure:identity/token-credential@0.2.0;
            /// As of the app `caller`.
            export ask: func(times: u32, scopes: list<string>) -> result<u64, string>;
        }
    ",
    path: "../../../wit/0.2",
    generate_all,
});
export!(ByHand);

struct ByHand;

impl Guest for ByHand {
    fn ask(times: u32, scopes: Vec<String>) -> Result<u64, String> {
        let mut length = 0;
        for number in 0..times as usize {
            let scope = scopes.get(number % scopes.len().max(1)).ok_or("no scopes")?;
            length += imds::get_token(scope)?.0.len() as u64;
        }
        Ok(length)
    }
}

impl Provider for ByHand {
    fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        let (token, expires_on) = imds::get_token(&request.scopes[0]).map_err(|message| CredentialError {
            kind: ErrorKind::Other,
            message,
            claims: None,
            response: None,
            attempts: vec![],
            details: vec![],
        })?;
        Ok(AccessToken {
            token,
            token_type: "Bearer".to_owned(),
            expires_on,
            refresh_on: None,
            source: "by-hand".to_owned(),
            details: Vec::new(),
        })
    }
}
