//! The authentication of a caller by its bearer token.

use serde_json::{Value, json};

use crate::incoming_request::IncomingRequest;
use crate::jwt;
use crate::settings::{KeyVault, Tenant};
use crate::state::State;

/// The audience of tokens for a vault; a token for the same with a final slash is refused.
pub const AUDIENCE: &str = "https://vault.azure.net";

/// An authenticated caller.
pub struct Caller {
    /// The object id.
    pub oid: String,
    /// The client id.
    pub appid: String,
    /// The issuer of the token.
    pub issuer: String,
}

/// Why the caller is not authenticated.
pub struct AuthenticationError {
    /// The message of the response.
    pub message: String,
    /// The claims that the caller must request, if the response is a claims challenge.
    pub claims: Option<String>,
}

/// Accepts a token that Microsoft Entra signed, of the vault's tenant, for a vault, and not expired. The checks are in the
/// order of the real service.
pub fn authenticate(
    state: &State,
    vault: &KeyVault,
    request: &IncomingRequest,
) -> Result<Caller, AuthenticationError> {
    let token = request.header("authorization").and_then(|value| value.split_once(' '));
    let token = token.filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let token = token
        .ok_or_else(|| AuthenticationError::new("AKV10000: Request is missing a Bearer or PoP token."))?;
    if jwt::claims(token).is_none() {
        return Err(AuthenticationError::new(
            "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.",
        ));
    }
    let claims = jwt::verify(token).ok_or_else(|| {
        AuthenticationError::new("AKV10046: Unable to resolve the key used for signature validation.")
    })?;
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let tenant = tenant(state, vault).ok_or_else(|| AuthenticationError::new("The vault has no tenant."))?;
    let issuers = [tenant.cloud.v1_issuer(&tenant.id), tenant.cloud.v2_issuer(&tenant.id)];
    if !issuers.contains(&text("iss")) {
        let message = format!(
            "AKV10032: Invalid issuer. Expected one of {}, found {}.",
            issuers.join(", "),
            text("iss")
        );
        return Err(AuthenticationError::new(message));
    }
    if text("aud") != AUDIENCE {
        let message = format!("AKV10022: Invalid audience. Expected {AUDIENCE}, found: {}.", text("aud"));
        return Err(AuthenticationError::new(message));
    }
    let (from, until) = (claims["nbf"].as_u64(), claims["exp"].as_u64());
    if !from.zip(until).is_some_and(|(from, until)| (from..until).contains(&state.now())) {
        return Err(AuthenticationError::new("[TokenExpired] Error validating token: 'S2S12086'."));
    }
    if let Some(challenge) = revoked(vault, &claims) {
        return Err(challenge);
    }
    let appid = if claims["appid"].is_null() { text("azp") } else { text("appid") };
    Ok(Caller { oid: text("oid"), appid, issuer: text("iss") })
}

/// The tenant whose tokens the vault accepts.
pub fn tenant<'a>(state: &'a State, vault: &KeyVault) -> Option<&'a Tenant> {
    state.settings.tenant(vault.tenant.as_deref())
}

/// The authority in the challenge.
pub fn authority(tenant: &Tenant) -> String {
    format!("https://{}/{}", tenant.cloud.login_host(), tenant.id)
}

/// "Continuous access evaluation": a token that was issued before the revocation is refused with a claims challenge if its
/// client supports one (`xms_cc`). Other tokens are accepted until they expire.
fn revoked(vault: &KeyVault, claims: &Value) -> Option<AuthenticationError> {
    let revoked_on = vault.revoked_on?;
    let is_capable = claims["xms_cc"].as_array().is_some_and(|all| all.iter().any(|it| it == "CP1"));
    let issued_on = claims["iat"].as_u64().unwrap_or_default().saturating_add(BACKDATE);
    if !is_capable || issued_on > revoked_on {
        return None;
    }
    let not_before = json!({ "essential": true, "value": revoked_on.to_string() });
    let claims = json!({ "access_token": { "nbf": not_before, "xms_caeerror": { "value": "10012" } } });
    let message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and \
                   code: TokenIssuedBeforeRevocationTimestamp";
    Some(AuthenticationError { message: message.to_owned(), claims: Some(claims.to_string()) })
}

impl AuthenticationError {
    fn new(message: impl Into<String>) -> AuthenticationError {
        AuthenticationError { message: message.into(), claims: None }
    }
}

/// `iat` of a token is this many seconds before it was issued.
const BACKDATE: u64 = 300;
