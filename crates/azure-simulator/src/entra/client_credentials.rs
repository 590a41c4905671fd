//! An application signs in as itself ("OAuth 2.0 client credentials flow").

use super::error::EntraError;
use super::scope;
use super::success::Granted;
use super::tenant::Addressed;
use super::token_endpoint::{Grant, TokenRequest};

/// The grant `client_credentials`.
pub struct ClientCredentials;

impl Grant for ClientCredentials {
    fn grant_type(&self) -> &'static str {
        "client_credentials"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        let Addressed::One(tenant) = request.tenant else { return Err(EntraError::no_tenant()) };
        let scope = scope::of_application(request.form.required("scope")?)?;
        let resource = request.resource(tenant, &scope.resource)?;
        Ok(Granted { tenant, scope, resource, user: None, family: false })
    }
}
