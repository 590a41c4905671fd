//! A provider that returns a constant token, to measure the cost of a call without work. For the scope `clocks` it first
//! reads both clocks, as every cache of expiring tokens must.

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
        if request.scopes.first().is_some_and(|scope| scope == "clocks") {
            black_box((system_clock::now().seconds, monotonic_clock::now()));
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
