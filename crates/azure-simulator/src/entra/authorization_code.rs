//! A code becomes tokens ("OAuth 2.0 authorization code flow", section "Redeem a code for an access
//! token"; RFC 7636, section 4.6).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::error::EntraError;
use super::refresh_token::tenant_for;
use super::scope;
use super::sign_ins::Code;
use super::success::Granted;
use super::token_endpoint::{Grant, TokenRequest};

/// The grant `authorization_code`.
pub struct AuthorizationCode;

impl Grant for AuthorizationCode {
    fn grant_type(&self) -> &'static str {
        "authorization_code"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        let state = request.state();
        let code =
            state.sign_ins.code(request.form.required("code")?).ok_or_else(EntraError::invalid_grant)?;
        check(request, &code)?;
        let mut scope = request.form.get("scope").map_or(Ok(code.scope.clone()), scope::of_user)?;
        // The sign-in has said whether there shall be an id token and a refresh token; the code carries it.
        scope.openid |= code.scope.openid;
        scope.offline_access |= code.scope.offline_access;
        let user = state.settings.user(&code.oid).ok_or_else(EntraError::invalid_grant)?;
        let tenant = tenant_for(request, user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        state.sign_ins.redeem(&code.code);
        Ok(Granted { tenant, scope, resource, user: Some(user), family: false })
    }
}

fn check(request: &TokenRequest, code: &Code) -> Result<(), EntraError> {
    if !code.client_id.eq_ignore_ascii_case(&request.application.client_id) {
        return Err(EntraError::grant_of_other_client());
    }
    if code.redeemed {
        return Err(EntraError::code_redeemed());
    }
    if code.ends_on <= request.state().now() {
        return Err(EntraError::code_expired());
    }
    let redirect_uri = request.form.required("redirect_uri")?;
    if redirect_uri != code.redirect_uri {
        return Err(EntraError::other_redirect_uri(redirect_uri, &code.redirect_uri));
    }
    let verifier = request.form.get("code_verifier");
    if let Some(verifier) = verifier {
        request.state().remember("code verifier", verifier);
    }
    let hash = verifier.map(|verifier| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
    if hash == code.challenge { Ok(()) } else { Err(EntraError::wrong_verifier()) }
}
