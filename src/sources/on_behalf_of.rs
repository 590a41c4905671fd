//! A service that calls on behalf of the user whose token it was called with (Microsoft Learn,
//! "Microsoft identity platform and OAuth 2.0 On-Behalf-Of flow"; RFC 7523).

use super::sign_in::{self, FirstGrant, SignIn};
use crate::entra::client_authentication::SharedAuthentication;
use crate::entra::{Client, Scopes};
use crate::error::Error;
use crate::prelude::*;
use crate::retry::Repetition;

/// The name in messages and tokens.
pub const NAME: &str = "on-behalf-of";

/// The source for the user of `user_assertion`, the access token that the service was called with.
///
/// # Errors
/// `invalid-argument` when the assertion is malformed.
pub fn new(
    client: Client,
    authentication: SharedAuthentication,
    user_assertion: String,
) -> Result<SignIn, Error> {
    let assertion = sign_in::argument(NAME, "user-assertion", user_assertion)?;
    let fields = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".into()),
        ("requested_token_use", "on_behalf_of".into()),
        ("assertion", assertion),
    ];
    let scopes = Scopes::WithOfflineAccess;
    let first =
        FirstGrant { fields, headers: Vec::new(), scopes, repetition: Repetition::Always, label: NAME };
    Ok(SignIn::new(client, authentication, first))
}
