//! How a client proves that it is itself ("OAuth 2.0 client credentials flow", section "Get a token").
//!
//! To add a way: a function, one line in `WAYS`.

use super::error::EntraError;
use super::form::Form;
use super::token;
use crate::azure::settings::Application;

/// A check of one kind of credential: its value, the client; on success the token's `appidacr`.
type Check = fn(&str, &Application) -> Result<&'static str, EntraError>;

/// THE LIST of credentials: the parameter that carries one, and its check.
const WAYS: &[(&str, Check)] = &[("client_secret", client_secret)];

/// Checks the credential in `form`; the answer is the `appidacr` of the tokens to come.
pub fn check(form: &Form, application: &Application) -> Result<&'static str, EntraError> {
    let presented = WAYS.iter().find_map(|(parameter, check)| Some((form.get(parameter)?, check)));
    let app_only = form.get("grant_type") == Some("client_credentials");
    match presented {
        Some(_) if application.is_public() => Err(EntraError::public_client()),
        Some((value, check)) => check(value, application),
        None if app_only => Err(EntraError::no_credential()),
        None if application.is_public() => Ok(token::PUBLIC_CLIENT),
        None => Err(EntraError::missing_secret()),
    }
}

fn client_secret(value: &str, application: &Application) -> Result<&'static str, EntraError> {
    let is_it = |secret: &String| secret == value;
    if application.secrets.iter().any(is_it) {
        Ok(token::CLIENT_SECRET)
    } else if application.expired_secrets.iter().any(is_it) {
        Err(EntraError::expired_secret(&application.client_id))
    } else {
        Err(EntraError::wrong_secret(&application.client_id))
    }
}
