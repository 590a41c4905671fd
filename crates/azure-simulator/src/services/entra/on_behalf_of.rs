//! The on-behalf-of grant: a service exchanges the token that its caller sent ("OAuth 2.0 On-Behalf-Of flow").

use super::error::EntraError;
use super::grant::{Grant, Granted, TokenRequest};
use super::scope;
use crate::{jwt, resources};

/// `urn:ietf:params:oauth:grant-type:jwt-bearer`.
pub struct OnBehalfOfGrant;

impl Grant for OnBehalfOfGrant {
    fn grant_type(&self) -> &'static str {
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        if request.form.required("requested_token_use")? != "on_behalf_of" {
            return Err(EntraError::malformed_request());
        }
        if request.application.is_public() {
            return Err(EntraError::missing_secret());
        }
        let state = request.state();
        let claims = jwt::verify(request.form.required("assertion")?);
        let claims = claims.ok_or_else(EntraError::invalid_assertion)?;
        let audience = claims["aud"].as_str().unwrap_or_default();
        if !resources::is_api_of(&request.application, audience) {
            return Err(EntraError::assertion_for_other(audience, &request.application.client_id));
        }
        if claims["exp"].as_u64().is_none_or(|exp| exp <= state.now()) {
            return Err(EntraError::assertion_expired());
        }
        let oid = claims["oid"].as_str().filter(|_| claims["idtyp"].as_str() != Some("app"));
        let user = oid.and_then(|oid| state.settings.user(oid)).ok_or_else(EntraError::invalid_assertion)?;
        let scope = scope::of_user(request.form.required("scope")?)?;
        let tenant = request.tenant_of(user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        Ok(Granted { tenant, scope, resource, user: Some(user), family: false })
    }
}
