//! A user by name and password (RFC 6749, section 4.3; Microsoft Learn, "Microsoft identity platform and
//! OAuth 2.0 Resource Owner Password Credentials").
//!
//! As in `@azure/identity`, there is no request for the user's realm first. It matters for users of a
//! federated AD FS alone, who need WS-Trust.

use super::sign_in::{FirstGrant, SignIn};
use crate::entra::client_authentication::PublicClient;
use crate::entra::{Client, Scopes};
use crate::error::Error;
use crate::prelude::*;
use crate::retry::Repetition;
use crate::token::Secret;
use alloc::rc::Rc;

/// The name in messages and tokens.
pub const NAME: &str = "username-password";

/// The source for a user of a public client; `label` is the source of its tokens.
///
/// # Errors
/// `invalid-argument` when name or password is blank, or the name is malformed.
pub fn new(client: Client, username: &str, password: Secret, label: &'static str) -> Result<SignIn, Error> {
    if username.trim().is_empty() || username.len() > MAX_NAME || username.contains(char::is_control) {
        return Err(Error::invalid_argument(
            client.source,
            "the user name must be 1 to 256 bytes long and without control characters",
        ));
    }
    if password.expose().trim().is_empty() {
        return Err(Error::invalid_argument(client.source, "the password is blank"));
    }
    // Routes the request to the region of the account (MSAL). A header is ASCII.
    let mailbox = username.is_ascii().then(|| ("x-anchormailbox", Secret::from(format!("upn:{username}"))));
    let first = FirstGrant {
        fields: vec![
            ("grant_type", "password".into()),
            ("username", username.into()),
            ("password", password),
        ],
        headers: mailbox.into_iter().collect(),
        scopes: Scopes::WithOfflineAccess,
        repetition: Repetition::Always,
        label,
    };
    Ok(SignIn::new(client, Rc::new(PublicClient), first))
}

const MAX_NAME: usize = 256;
