//! Federated identity credentials ("Workload identity federation").

use serde::Deserialize;

use super::pipelines;
use super::tenant::TENANT_ID;

/// The issuer of the example Kubernetes cluster's service account tokens.
pub const CLUSTER_ISSUER: &str = "https://oidc.contoso.example/cluster/";
/// The Kubernetes service account that the default application trusts.
pub const SERVICE_ACCOUNT: &str = "system:serviceaccount:shop:web";
/// The recommended audience of a federated assertion.
pub const TOKEN_EXCHANGE_AUDIENCE: &str = "api://AzureADTokenExchange";

/// A trusted issuer and subject. Every issuer of the simulation signs with the simulator's one key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FederatedCredential {
    /// The `iss` of the assertions.
    pub issuer: String,
    /// The `sub` of the assertions, compared with regard to case.
    pub subject: String,
    /// The `aud` of the assertions.
    #[serde(default = "token_exchange_audience")]
    pub audience: String,
}

impl FederatedCredential {
    /// What the default application trusts: a Kubernetes service account, the virtual machine's user-assigned
    /// identity, and a service connection of Azure Pipelines.
    pub fn examples() -> Vec<FederatedCredential> {
        let entra = format!("https://login.microsoftonline.com/{TENANT_ID}/v2.0");
        let trusted = |issuer: &str, subject: &str| FederatedCredential {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            audience: token_exchange_audience(),
        };
        vec![
            trusted(CLUSTER_ISSUER, SERVICE_ACCOUNT),
            trusted(&entra, "22223333-cccc-4444-dddd-5555eeee6666"),
            trusted(pipelines::ISSUER, pipelines::SUBJECT),
        ]
    }
}

fn token_exchange_audience() -> String {
    TOKEN_EXCHANGE_AUDIENCE.into()
}
