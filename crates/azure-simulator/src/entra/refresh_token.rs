//! A client asks again for a user who signed in before ("OAuth 2.0 authorization code flow", section
//! "Refresh the access token").

use super::error::EntraError;
use super::scope;
use super::success::Granted;
use super::tenant::Addressed;
use super::token_endpoint::{Grant, TokenRequest};
use crate::settings::{RefreshTokenState, Tenant, User};
use crate::state::HeldToken;

/// The grant `refresh_token`.
pub struct RefreshToken;

impl Grant for RefreshToken {
    fn grant_type(&self) -> &'static str {
        "refresh_token"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        let scope = scope::of_user(request.form.get("scope").unwrap_or_default())?;
        let held = held(request)?;
        let user = request.state().settings.user(&held.oid).ok_or_else(EntraError::invalid_grant)?;
        let tenant = tenant_for(request, user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        if request.state().settings.rotating_refresh_tokens {
            request.state().revoke_refresh_token(&held.refresh_token.token);
        }
        Ok(Granted { tenant, scope, resource, user: Some(user), family: held.refresh_token.family })
    }
}

/// The refresh token, if it works and if this client may redeem it. One token serves all resources
/// and all tenants of its user; one of the family serves all clients of the family.
fn held(request: &TokenRequest) -> Result<HeldToken, EntraError> {
    let held = request.state().refresh_token(request.form.required("refresh_token")?);
    let held = held.ok_or_else(EntraError::invalid_grant)?;
    let (token, client) = (&held.refresh_token, &request.application);
    let own = token.client_id.eq_ignore_ascii_case(&client.client_id);
    if !(own || (token.family && client.family)) {
        return Err(EntraError::grant_of_other_client());
    }
    match token.state {
        RefreshTokenState::Expired => Err(EntraError::refresh_token_expired()),
        RefreshTokenState::Revoked => Err(EntraError::grant_revoked()),
        RefreshTokenState::Valid => Ok(held),
    }
}

/// The tenant that answers: the one addressed, if the user is in it, or the user's home.
pub fn tenant_for<'a>(request: &TokenRequest<'a>, user: &User) -> Result<&'a Tenant, EntraError> {
    let settings = &request.state().settings;
    let home = settings.tenant(user.tenant.as_deref());
    match request.tenant {
        Addressed::HomeOfUser => home.ok_or_else(EntraError::no_tenant),
        Addressed::One(tenant) => {
            let at_home = home.is_some_and(|home| home.id == tenant.id);
            let guest = user.guest_of.iter().any(|id| id.eq_ignore_ascii_case(&tenant.id));
            let stranger = || {
                EntraError::user_not_in_tenant(&user.username, &tenant.name, &request.application.client_id)
            };
            if at_home || guest { Ok(tenant) } else { Err(stranger()) }
        }
    }
}
