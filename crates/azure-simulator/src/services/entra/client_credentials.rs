//! The client credentials grant: an application signs in as itself ("OAuth 2.0 client credentials flow").

use super::error::EntraError;
use super::grant::{Grant, Granted, TokenRequest};
use super::scope;
use super::tenant::TenantInPath;

/// `client_credentials`.
pub struct ClientCredentialsGrant;

impl Grant for ClientCredentialsGrant {
    fn grant_type(&self) -> &'static str {
        "client_credentials"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        let TenantInPath::One(tenant) = request.tenant else { return Err(EntraError::no_tenant()) };
        let scope = scope::of_application(request.form.required("scope")?)?;
        let resource = request.resource(tenant, &scope.resource)?;
        Ok(Granted { tenant, scope, resource, user: None, family: false })
    }
}
