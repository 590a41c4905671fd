//! The floor under a cached call: a provider that has one token and hands it out, whatever it is asked.

use azure::identity::types::{AccessToken, CredentialError, TokenRequest};
use exports::azure::identity::token_credential::Guest;

wit_bindgen::generate!({
    inline: "
        package tests:fixed-token;
        world fixed-token { export azure:identity/token-credential@0.2.0; }
    ",
    path: "../../../wit",
    generate_all,
});
export!(FixedToken);

struct FixedToken;

impl Guest for FixedToken {
    fn get_token(_: TokenRequest) -> Result<AccessToken, CredentialError> {
        Ok(AccessToken {
            token: TOKEN.to_owned(),
            token_type: "Bearer".to_owned(),
            expires_on: 4_102_444_800,
            refresh_on: Some(4_102_441_200),
            source: "constant".to_owned(),
        })
    }
}

/// As long as the tokens that the other side of the comparison hands out.
const TOKEN: &str = match core::str::from_utf8(&[b'T'; 1500]) {
    Ok(token) => token,
    Err(_) => "",
};
