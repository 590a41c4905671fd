//! `fixtures/services.toml`: what the table cannot say in code.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The facts of a service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Who can have a name under its suffix, and which code gets the headers of a request.
    pub under_suffix: String,
    /// What an operation can hand out that lasts longer than a token, or reaches further.
    pub credentials: Option<String>,
    /// The packages of the SDKs of the service, with their registries.
    #[serde(default)]
    pub packages: Vec<String>,
    /// The pages of both.
    pub sources: Vec<String>,
    /// The pages of hosts and scopes that are no constants of an SDK.
    #[serde(default)]
    pub pages: BTreeMap<String, String>,
}

/// The services by their names.
pub type Services = BTreeMap<String, Facts>;

/// Reads the facts of all services.
pub fn facts() -> Services {
    toml::from_str(include_str!("../fixtures/services.toml")).expect("a table for each service")
}

/// The page of each reason that customers' code is called, by the first suffix of its entry.
pub fn reasons() -> BTreeMap<String, String> {
    toml::from_str(include_str!("../fixtures/customer-hosts.toml")).expect("a page for each suffix")
}
