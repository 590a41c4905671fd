//! A service calls on behalf of its caller ("OAuth 2.0 On-Behalf-Of flow").

use super::error::EntraError;
use super::refresh_token::tenant_for;
use super::scope;
use super::success::Granted;
use super::token_endpoint::{Grant, TokenRequest};
use crate::{jwt, resources};

/// The grant of assertions.
pub struct OnBehalfOf;

impl Grant for OnBehalfOf {
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
        if !resources::is_called(&request.application, audience) {
            return Err(EntraError::assertion_for_other(audience, &request.application.client_id));
        }
        if claims["exp"].as_u64().is_none_or(|exp| exp <= state.now()) {
            return Err(EntraError::assertion_expired());
        }
        let oid = claims["oid"].as_str().filter(|_| claims["idtyp"].as_str() != Some("app"));
        let user = oid.and_then(|oid| state.settings.user(oid)).ok_or_else(EntraError::invalid_assertion)?;
        let scope = scope::of_user(request.form.required("scope")?)?;
        let tenant = tenant_for(request, user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        Ok(Granted { tenant, scope, resource, user: Some(user), family: false })
    }
}
