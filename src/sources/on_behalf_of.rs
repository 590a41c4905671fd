//! A service that calls on behalf of the user whose token it was called with (Microsoft Learn,
//! "Microsoft identity platform and OAuth 2.0 On-Behalf-Of flow"; RFC 7523).

use super::sign_in::{self, FirstGrant, SignIn};
use crate::entra::client_authentication::ClientAuthentication;
use crate::entra::{Client, Scopes};
use crate::error::Error;
use crate::prelude::*;
use alloc::rc::Rc;

/// The name in messages and tokens.
pub const NAME: &str = "on-behalf-of";

/// The source for the user of `user_assertion`, the access token that the service was called with.
///
/// # Errors
/// `invalid-request` when the assertion can be no token.
pub fn new(
    client: Client,
    authentication: Rc<dyn ClientAuthentication>,
    user_assertion: String,
) -> Result<SignIn, Error> {
    let assertion = sign_in::argument(NAME, "user-assertion", user_assertion)?;
    let fields = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".into()),
        ("requested_token_use", "on_behalf_of".into()),
        ("assertion", assertion),
    ];
    let scopes = Scopes::WithOfflineAccess;
    let first = FirstGrant { fields, headers: Vec::new(), scopes, works_once: false, label: NAME };
    Ok(SignIn::new(client, authentication, first))
}
