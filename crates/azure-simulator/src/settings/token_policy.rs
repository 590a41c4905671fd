//! How long tokens live, which resources exist, and which of them require more than a sign-in.

use serde::Deserialize;

/// The resources that exist by default: those that apps request most often, in every spelling in use.
pub const DEFAULT_RESOURCES: &[&str] = &[
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://management.usgovcloudapi.net",
    "https://management.core.usgovcloudapi.net",
    "https://management.chinacloudapi.cn",
    "https://management.core.chinacloudapi.cn",
    "https://vault.azure.net",
    "https://vault.usgovcloudapi.net",
    "https://vault.azure.cn",
    "https://managedhsm.azure.net",
    "https://storage.azure.com",
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
    "https://database.windows.net",
    "https://ossrdbms-aad.database.windows.net",
    "https://servicebus.azure.net",
    "https://eventhubs.azure.net",
    "https://cosmos.azure.com",
    "https://azconfig.io",
    "https://containerregistry.azure.net",
    "https://cognitiveservices.azure.com",
    "https://ai.azure.com",
    "https://search.azure.com",
    "https://monitor.azure.com",
    "https://api.loganalytics.io",
    "https://batch.core.windows.net",
];

/// The lifetimes of tokens, in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Lifetimes {
    /// Tokens of applications.
    pub application: u64,
    /// Tokens of users.
    pub user: u64,
    /// Tokens of managed identities.
    pub managed_identity: u64,
    /// Tokens of applications and users whose client supports claims challenges (continuous access evaluation).
    pub cae: u64,
    /// The `refresh_in` of a token response; `None`: responses have no such member.
    pub refresh_in: Option<u64>,
}

/// A resource behind a Conditional Access policy: a request for it receives `interaction_required`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Challenge {
    /// The resource, e.g. `https://vault.azure.net`.
    pub resource: String,
    /// The claims that the request must contain, JSON; the error returns them to the caller.
    #[serde(default = "capolids")]
    pub claims: String,
}

impl Default for Lifetimes {
    fn default() -> Lifetimes {
        Lifetimes { application: 3599, user: 4983, managed_identity: 86_400, cae: 86_399, refresh_in: None }
    }
}

fn capolids() -> String {
    r#"{"access_token":{"capolids":{"essential":true,"values":["c1"]}}}"#.into()
}
