//! The refresh token grant ("OAuth 2.0 authorization code flow", section "Refresh the access token").

use super::error::EntraError;
use super::grant::{Grant, Granted, TokenRequest};
use super::scope;
use super::sessions::UserRefreshToken;
use crate::settings::RefreshTokenState;

/// `refresh_token`.
pub struct RefreshTokenGrant;

impl Grant for RefreshTokenGrant {
    fn grant_type(&self) -> &'static str {
        "refresh_token"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        let scope = scope::of_user(request.form.get("scope").unwrap_or_default())?;
        let UserRefreshToken { refresh_token, oid } = find(request)?;
        let settings = &request.state().settings;
        let user = settings.user(&oid).ok_or_else(EntraError::invalid_grant)?;
        let tenant = request.tenant_of(user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        if settings.rotating_refresh_tokens {
            request.endpoint.sessions.revoke_refresh_token(&refresh_token.token);
        }
        Ok(Granted { tenant, scope, resource, user: Some(user), family: refresh_token.family })
    }
}

/// Finds the refresh token of the request, if it is valid and the client may redeem it. A refresh token is valid for all
/// resources and all tenants of its user, and one of the family for all clients of the family.
fn find(request: &TokenRequest) -> Result<UserRefreshToken, EntraError> {
    let found = request.endpoint.sessions.refresh_token(request.form.required("refresh_token")?);
    let found = found.ok_or_else(EntraError::invalid_grant)?;
    let (token, client) = (&found.refresh_token, &request.application);
    let is_own = token.client_id.eq_ignore_ascii_case(&client.client_id);
    if !(is_own || (token.family && client.family)) {
        return Err(EntraError::grant_of_other_client());
    }
    match token.state {
        RefreshTokenState::Expired => Err(EntraError::refresh_token_expired()),
        RefreshTokenState::Revoked => Err(EntraError::grant_revoked()),
        RefreshTokenState::Valid => Ok(found),
    }
}
