//! Assertions that an external identity provider signs for an application ("Workload identity federation").

use serde_json::Value;

use super::client_credential::ClientCredential;
use super::error::EntraError;
use crate::jwt;
use crate::resources::TOKEN_EXCHANGE_APP_ID;
use crate::settings::{Application, FederatedCredential, TOKEN_EXCHANGE_AUDIENCE};
use crate::token::Appidacr;

/// Verifies an assertion. The checks are in the order of the real service.
pub fn verify(credential: &ClientCredential, application: &Application) -> Result<Appidacr, EntraError> {
    credential.require_jwt_bearer(EntraError::malformed_request)?;
    let claims = jwt::claims(credential.value).ok_or_else(EntraError::malformed_jwt)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    find(&application.federated_credentials, text("iss"), text("sub"), text("aud"))?;
    if jwt::verify(credential.value).is_none() {
        return Err(EntraError::wrong_signature());
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_u64).unwrap_or_default();
    let (now, from, until) = (credential.request.state.now(), time("nbf"), time("exp"));
    if !(from.saturating_sub(CLOCK_SKEW)..until.saturating_add(CLOCK_SKEW)).contains(&now) {
        return Err(EntraError::assertion_not_in_time_range(now, from, until));
    }
    Ok(Appidacr::ClientAssertion)
}

fn find(
    trusted: &[FederatedCredential],
    issuer: &str,
    subject: &str,
    audience: &str,
) -> Result<(), EntraError> {
    let of_issuer: Vec<_> = trusted.iter().filter(|it| it.issuer == issuer).collect();
    if of_issuer.is_empty() {
        return Err(EntraError::no_federated_credential(700_211, "issuer", issuer, ""));
    }
    let Some(found) = of_issuer.iter().find(|it| it.subject == subject) else {
        let differs_in_case = of_issuer.iter().any(|it| it.subject.eq_ignore_ascii_case(subject));
        let (code, hint) = if differs_in_case { (7_002_138, CASE_HINT) } else { (700_213, "") };
        return Err(EntraError::no_federated_credential(code, "subject", subject, hint));
    };
    // A token of a managed identity for the token exchange has the application id of that resource as its audience.
    let is_token_exchange = found.audience == TOKEN_EXCHANGE_AUDIENCE && audience == TOKEN_EXCHANGE_APP_ID;
    if found.audience == audience || is_token_exchange {
        return Ok(());
    }
    Err(EntraError::no_federated_credential(700_212, "audience", audience, ""))
}

const CASE_HINT: &str =
    " The subject matches with case-insensitive comparison, but not with case-sensitive comparison.";
/// How far the issuer's clock may be off, in seconds.
const CLOCK_SKEW: u64 = 300;
