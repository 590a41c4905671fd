//! The baseline of a cached call: a provider that returns one constant token for every request. For the scope `clock` it
//! first reads one clock, as every cache of expiring tokens must, and for `clocks` both. For `text0` to `text999` it returns one of
//! 1,000 constants, to measure what it costs to copy from much memory.

use azure::identity::types::{AccessToken, CredentialError, TokenRequest};
use exports::azure::identity::token_credential::Guest;
use std::hint::black_box;
use std::sync::LazyLock;
use wasi::clocks::{monotonic_clock, wall_clock};

wit_bindgen::generate!({
    inline: "
        package tests:fixed-token;
        world fixed-token { export azure:identity/token-credential@0.2.0; }
    ",
    path: "../../../wit/0.2",
    generate_all,
});
export!(FixedToken);

struct FixedToken;

impl Guest for FixedToken {
    fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        match request.scopes.first().map(String::as_str) {
            Some("clock") => _ = black_box(monotonic_clock::now()),
            Some("clocks") => _ = black_box((wall_clock::now().seconds, monotonic_clock::now())),
            Some(scope) if scope.starts_with("text") => {
                let number = scope["text".len()..].parse::<usize>().unwrap_or_default();
                return Ok(token(&TEXTS[number]));
            }
            _ => {}
        }
        Ok(token(TOKEN))
    }
}

fn token(text: &str) -> AccessToken {
    AccessToken {
        token: text.to_owned(),
        token_type: "Bearer".to_owned(),
        expires_on: 4_102_444_800,
        refresh_on: Some(4_102_441_200),
        source: "constant".to_owned(),
        details: Vec::new(),
    }
}

static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| vec![TOKEN.to_owned(); 1000]);

/// A token with the length of those with which it is compared.
const TOKEN: &str = match core::str::from_utf8(&[b'T'; 1500]) {
    Ok(token) => token,
    Err(_) => "",
};
