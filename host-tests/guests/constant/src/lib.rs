//! A provider that gives the same token to everybody: what a call costs when nothing is done.

use bindings::exports::azure::identity::token_credential::{
    AccessToken, CredentialError, Guest, TokenRequest,
};

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit-0.3", "wit"],
        world: "host-tests:constant/provider",
        generate_all,
    });
}

struct Provider;

bindings::export!(Provider with_types_in bindings);

impl Guest for Provider {
    async fn get_token(_: TokenRequest) -> Result<AccessToken, CredentialError> {
        Ok(AccessToken {
            token: "x".repeat(1500),
            token_type: "Bearer".to_owned(),
            expires_on: 4_102_444_800,
            refresh_on: None,
            source: "constant".to_owned(),
        })
    }
}
