//! The authentication of a client ("OAuth 2.0 client credentials flow", section "Get a token").
//!
//! To add a method: a function, and a line in `METHODS`.

use super::client_credential::ClientCredential;
use super::endpoint_request::EndpointRequest;
use super::error::EntraError;
use super::form::Form;
use super::{certificate_assertion, federated_assertion};
use crate::jwt;
use crate::settings::Application;
use crate::token::Appidacr;

/// Checks one kind of credential.
type Check = fn(&ClientCredential, &Application) -> Result<Appidacr, EntraError>;

/// The methods: the parameter with the credential, and its check. The first parameter that is given is checked.
const METHODS: &[(&str, Check)] = &[("client_secret", client_secret), ("client_assertion", client_assertion)];

/// Authenticates the client of a request.
pub fn authenticate(
    request: &EndpointRequest,
    form: &Form,
    application: &Application,
) -> Result<Appidacr, EntraError> {
    let given = METHODS.iter().find_map(|(parameter, check)| Some((form.get(parameter)?, check)));
    let is_app_only = form.get("grant_type") == Some("client_credentials");
    match given {
        Some(_) if application.is_public() => Err(EntraError::public_client()),
        Some((value, check)) => check(&ClientCredential { value, form, request }, application),
        None if is_app_only => Err(EntraError::no_credential()),
        None if application.is_public() => Ok(Appidacr::PublicClient),
        None => Err(EntraError::missing_secret()),
    }
}

fn client_secret(credential: &ClientCredential, application: &Application) -> Result<Appidacr, EntraError> {
    let matches = |secret: &String| secret == credential.value;
    if application.secrets.iter().any(matches) {
        Ok(Appidacr::ClientSecret)
    } else if application.expired_secrets.iter().any(matches) {
        Err(EntraError::expired_secret(&application.client_id))
    } else {
        Err(EntraError::wrong_secret(&application.client_id))
    }
}

/// An assertion whose issuer is the client itself is signed with its certificate; any other is a federated one.
fn client_assertion(
    credential: &ClientCredential,
    application: &Application,
) -> Result<Appidacr, EntraError> {
    let claims = jwt::claims(credential.value);
    let issuer = claims.as_ref().and_then(|claims| claims.get("iss")?.as_str());
    if issuer == Some(&application.client_id) {
        certificate_assertion::verify(credential, application)
    } else {
        federated_assertion::verify(credential, application)
    }
}
