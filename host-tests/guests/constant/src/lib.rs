//! A provider that returns a constant token, to measure the cost of a call without work. For the scope `clock` it first
//! reads one clock, as every cache of expiring tokens must, and for `clocks` both.

use bindings::exports::azure::identity::token_credential::{
    AccessToken, CredentialError, Guest, TokenRequest,
};

use bindings::wasi::clocks::{monotonic_clock, system_clock};
use std::hint::black_box;

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../../../wit/0.3", "wit"],
        world: "host-tests:constant/provider",
        generate_all,
    });
}

struct Provider;

bindings::export!(Provider with_types_in bindings);

impl Guest for Provider {
    async fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        match request.scopes.first().map(String::as_str) {
            Some("clock") => _ = black_box(monotonic_clock::now()),
            Some("clocks") => _ = black_box((system_clock::now().seconds, monotonic_clock::now())),
            _ => {}
        }
        Ok(AccessToken {
            token: "x".repeat(1500),
            token_type: "Bearer".to_owned(),
            expires_on: 4_102_444_800,
            refresh_on: None,
            source: "constant".to_owned(),
            details: Vec::new(),
        })
    }
}
