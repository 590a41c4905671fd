//! The authorization code grant ("OAuth 2.0 authorization code flow", section "Redeem a code for an access token";
//! RFC 7636, section 4.6).

use sha2::{Digest, Sha256};

use super::error::EntraError;
use super::grant::{Grant, Granted, TokenRequest};
use super::scope;
use super::sessions::AuthorizationCode;
use crate::jwt::base64url;

/// `authorization_code`.
pub struct AuthorizationCodeGrant;

impl Grant for AuthorizationCodeGrant {
    fn grant_type(&self) -> &'static str {
        "authorization_code"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        let (state, sessions) = (request.state(), request.endpoint.sessions);
        let code = sessions.code(request.form.required("code")?).ok_or_else(EntraError::invalid_grant)?;
        check(request, &code)?;
        let mut scope = request.form.get("scope").map_or(Ok(code.scope.clone()), scope::of_user)?;
        // The authorization request decides whether there is an id token and a refresh token.
        scope.openid |= code.scope.openid;
        scope.offline_access |= code.scope.offline_access;
        let user = state.settings.user(&code.oid).ok_or_else(EntraError::invalid_grant)?;
        let tenant = request.tenant_of(user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        sessions.redeem_code(&code.code);
        Ok(Granted { tenant, scope, resource, user: Some(user), family: false })
    }
}

fn check(request: &TokenRequest, code: &AuthorizationCode) -> Result<(), EntraError> {
    if !code.client_id.eq_ignore_ascii_case(&request.application.client_id) {
        return Err(EntraError::grant_of_other_client());
    }
    if code.redeemed {
        return Err(EntraError::code_redeemed());
    }
    if code.expires_on <= request.state().now() {
        return Err(EntraError::code_expired());
    }
    let redirect_uri = request.form.required("redirect_uri")?;
    if redirect_uri != code.redirect_uri {
        return Err(EntraError::other_redirect_uri(redirect_uri, &code.redirect_uri));
    }
    let verifier = request.form.get("code_verifier");
    if let Some(verifier) = verifier {
        request.state().add_secret("code verifier", verifier);
    }
    let challenge = verifier.map(|verifier| base64url(Sha256::digest(verifier)));
    if challenge == code.challenge { Ok(()) } else { Err(EntraError::wrong_verifier()) }
}
