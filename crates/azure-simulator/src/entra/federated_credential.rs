//! Assertions that somebody else signs for an application ("Workload identity federation").

use serde::Deserialize;
use serde_json::Value;

use super::client_authentication::Presented;
use super::error::EntraError;
use super::token;
use crate::settings::{Application, TENANT_ID};
use crate::{azure_devops, jwt, resources};

/// The issuer of the example cluster's service account tokens.
pub const CLUSTER: &str = "https://oidc.contoso.example/cluster/";
/// The service account that stands for the example application.
pub const SERVICE_ACCOUNT: &str = "system:serviceaccount:shop:web";

/// Whose assertions stand for an application. All issuers of this world sign with one key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FederatedCredential {
    /// Who issues them: `iss`.
    pub issuer: String,
    /// Whom they are about: `sub`. Upper and lower case are different.
    pub subject: String,
    /// Whom they are for: `aud`.
    #[serde(default = "token_exchange")]
    pub audience: String,
}

impl FederatedCredential {
    /// What the default application trusts: a service account of Kubernetes, the machine's
    /// user-assigned identity and a service connection of Azure Pipelines.
    pub fn examples() -> Vec<FederatedCredential> {
        let entra = format!("https://login.microsoftonline.com/{TENANT_ID}/v2.0");
        let trusted = |issuer: &str, subject: &str| FederatedCredential {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            audience: token_exchange(),
        };
        vec![
            trusted(CLUSTER, SERVICE_ACCOUNT),
            trusted(&entra, "22223333-cccc-4444-dddd-5555eeee6666"),
            trusted(azure_devops::ISSUER, azure_devops::settings::SUBJECT),
        ]
    }
}

/// Checks a `client_assertion`; what is wrong is told in the order of the real service.
pub fn check(presented: &Presented, application: &Application) -> Result<&'static str, EntraError> {
    if presented.form.required("client_assertion_type")? != JWT_BEARER {
        return Err(EntraError::malformed_request());
    }
    let claims = jwt::claims(presented.value).ok_or_else(EntraError::malformed_jwt)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    find(&application.federated_credentials, text("iss"), text("sub"), text("aud"))?;
    if !jwt::is_signed(presented.value) {
        return Err(EntraError::wrong_signature());
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_u64).unwrap_or_default();
    let (now, from, until) = (presented.visit.state.now(), time("nbf"), time("exp"));
    if !(from.saturating_sub(SKEW)..until.saturating_add(SKEW)).contains(&now) {
        return Err(EntraError::assertion_out_of_time(now, from, until));
    }
    Ok(token::CLIENT_ASSERTION)
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
        let almost = of_issuer.iter().any(|it| it.subject.eq_ignore_ascii_case(subject));
        let (code, but) = if almost { (7_002_138, ALMOST) } else { (700_213, "") };
        return Err(EntraError::no_federated_credential(code, "subject", subject, but));
    };
    let (name, id) = resources::TOKEN_EXCHANGE;
    if found.audience == audience || found.audience == name && audience == id {
        return Ok(());
    }
    Err(EntraError::no_federated_credential(700_212, "audience", audience, ""))
}

/// The audience that almost everybody uses.
pub fn token_exchange() -> String {
    resources::TOKEN_EXCHANGE.0.into()
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ALMOST: &str =
    " The subject matches with case-insensitive comparison, but not with case-sensitive comparison.";
/// Clocks differ.
const SKEW: u64 = 300;
