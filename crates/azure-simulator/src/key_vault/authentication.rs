//! Who asks: the bearer token, as a vault checks it.

use serde_json::{Value, json};

use super::AUDIENCE;
use super::settings::KeyVault;
use crate::call::Call;
use crate::jwt;
use crate::settings::Tenant;
use crate::state::State;

/// The holder of a good token.
pub struct Caller {
    /// Its object id.
    pub oid: String,
    /// Its client id.
    pub appid: String,
    /// Who issued the token.
    pub issuer: String,
}

/// Why a token, or the lack of one, is refused.
pub struct Refused {
    /// What the answer says.
    pub message: String,
    /// What the caller has to bring, for a claims challenge.
    pub claims: Option<String>,
}

/// The caller, if the token is signed by Microsoft Entra, of the vault's tenant, for a vault, and still
/// good, in the order in which vaults complain.
pub fn caller(state: &State, vault: &KeyVault, call: &Call) -> Result<Caller, Refused> {
    let token = call.header("authorization").and_then(|value| value.split_once(' '));
    let token = token.filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let token =
        token.ok_or_else(|| Refused::because("AKV10000: Request is missing a Bearer or PoP token."))?;
    if jwt::claims(token).is_none() {
        return Err(Refused::because("[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'."));
    }
    let claims = jwt::verify(token).ok_or_else(|| {
        Refused::because("AKV10046: Unable to resolve the key used for signature validation.")
    })?;
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let tenant = vault.tenant(&state.settings).ok_or_else(|| Refused::because("The vault has no tenant."))?;
    let issuers = [tenant.cloud.v1_issuer(&tenant.id), tenant.cloud.v2_issuer(&tenant.id)];
    if !issuers.contains(&text("iss")) {
        let message = format!(
            "AKV10032: Invalid issuer. Expected one of {}, found {}.",
            issuers.join(", "),
            text("iss")
        );
        return Err(Refused::because(message));
    }
    if text("aud") != AUDIENCE {
        let message = format!("AKV10022: Invalid audience. Expected {AUDIENCE}, found: {}.", text("aud"));
        return Err(Refused::because(message));
    }
    let (from, until) = (claims["nbf"].as_u64(), claims["exp"].as_u64());
    if !from.zip(until).is_some_and(|(from, until)| (from..until).contains(&state.now())) {
        return Err(Refused::because("[TokenExpired] Error validating token: 'S2S12086'."));
    }
    if let Some(challenge) = revoked(vault, &claims) {
        return Err(challenge);
    }
    let appid = if claims["appid"].is_null() { text("azp") } else { text("appid") };
    Ok(Caller { oid: text("oid"), appid, issuer: text("iss") })
}

/// Where the challenge sends people to sign in.
pub fn authority(tenant: &Tenant) -> String {
    format!("https://{}/{}", tenant.cloud.login_host(), tenant.id)
}

/// "Continuous access evaluation": whoever said that it can answer a challenge (`xms_cc`) is challenged
/// when something happened since its token was issued. Others go on until their token expires.
fn revoked(vault: &KeyVault, claims: &Value) -> Option<Refused> {
    let event = vault.revoked_at?;
    let is_able = claims["xms_cc"].as_array().is_some_and(|all| all.iter().any(|it| it == "CP1"));
    let issued_at = claims["iat"].as_u64().unwrap_or_default().saturating_add(ISSUED_EARLY);
    if !is_able || issued_at > event {
        return None;
    }
    let not_before = json!({ "essential": true, "value": event.to_string() });
    let claims = json!({ "access_token": { "nbf": not_before, "xms_caeerror": { "value": "10012" } } });
    let message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and \
                   code: TokenIssuedBeforeRevocationTimestamp";
    Some(Refused { message: message.to_owned(), claims: Some(claims.to_string()) })
}

impl Refused {
    fn because(message: impl Into<String>) -> Refused {
        Refused { message: message.into(), claims: None }
    }
}

/// Tokens say that they are as much older than they are.
const ISSUED_EARLY: u64 = 300;
