//! The smallest app: it forwards every request to the provider with which it is composed.

use azure::identity::token_credential::get_token;
use exports::azure::identity::token_credential::{AccessToken, CredentialError, Guest, TokenRequest};

wit_bindgen::generate!({ path: "../../../wit/0.2", world: "middleware" });
export!(Relay);

struct Relay;

impl Guest for Relay {
    fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        get_token(&request)
    }
}
