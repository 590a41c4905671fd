//! How a client proves that it is itself ("OAuth 2.0 client credentials flow", section "Get a token").
//!
//! To add a way: a function, one line in `WAYS`.

use super::error::EntraError;
use super::form::Form;
use super::{Visit, certificate_assertion, federated_credential, token};
use crate::jwt;
use crate::settings::Application;

/// A check of one kind of credential; on success the token's `appidacr`.
type Check = fn(&Presented, &Application) -> Result<&'static str, EntraError>;

/// A credential as it came.
pub struct Presented<'a> {
    /// The value of its parameter.
    pub value: &'a str,
    /// The request's other parameters.
    pub form: &'a Form,
    /// The request.
    pub visit: &'a Visit<'a>,
}

/// THE LIST of credentials: the parameter that carries one, and its check.
const WAYS: &[(&str, Check)] = &[("client_secret", client_secret), ("client_assertion", client_assertion)];

/// Checks the credential in `form`; the answer is the `appidacr` of the tokens to come.
pub fn check(visit: &Visit, form: &Form, application: &Application) -> Result<&'static str, EntraError> {
    let presented = WAYS.iter().find_map(|(parameter, check)| Some((form.get(parameter)?, check)));
    let app_only = form.get("grant_type") == Some("client_credentials");
    match presented {
        Some(_) if application.is_public() => Err(EntraError::public_client()),
        Some((value, check)) => check(&Presented { value, form, visit }, application),
        None if app_only => Err(EntraError::no_credential()),
        None if application.is_public() => Ok(token::PUBLIC_CLIENT),
        None => Err(EntraError::missing_secret()),
    }
}

fn client_secret(presented: &Presented, application: &Application) -> Result<&'static str, EntraError> {
    let is_it = |secret: &String| secret == presented.value;
    if application.secrets.iter().any(is_it) {
        Ok(token::CLIENT_SECRET)
    } else if application.expired_secrets.iter().any(is_it) {
        Err(EntraError::expired_secret(&application.client_id))
    } else {
        Err(EntraError::wrong_secret(&application.client_id))
    }
}

/// An assertion that a certificate signed, or one of somebody whom the application trusts.
fn client_assertion(presented: &Presented, application: &Application) -> Result<&'static str, EntraError> {
    // Who signs for itself names itself as the issuer.
    let issuer =
        jwt::claims(presented.value).and_then(|claims| Some(claims.get("iss")?.as_str()?.to_owned()));
    if issuer.is_some_and(|issuer| issuer == application.client_id) {
        certificate_assertion::check(presented, application)
    } else {
        federated_credential::check(presented, application)
    }
}
