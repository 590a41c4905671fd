//! `wire.json`: the recorded traffic of a scenario.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// The traffic of a scenario, and the outputs of the CLI.
#[derive(Deserialize)]
pub struct Wire {
    /// The scenario whose files this one starts with; `None`: its own.
    #[serde(default)]
    pub started_from: Option<String>,
    /// How far the clock advanced before the CLI was called, in seconds.
    #[serde(default)]
    pub clock_advanced: f64,
    /// The requests, in order.
    #[serde(default)]
    pub requests: Vec<Exchange>,
    /// The outputs of the CLI, by name.
    #[serde(flatten)]
    pub outputs: Map<String, Value>,
}

/// A request of the CLI and its response.
#[derive(Deserialize)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The path of the URL.
    pub path: String,
    /// The parameters of the query.
    #[serde(default)]
    pub query_params: Vec<(String, String)>,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The fields of the form.
    #[serde(default)]
    pub form: Vec<(String, String)>,
    /// Seconds since the scenario's start.
    pub at: f64,
    /// The response.
    pub response: Recorded,
}

/// A recorded response.
#[derive(Deserialize)]
pub struct Recorded {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Wire {
    /// Reads the traffic of a scenario.
    ///
    /// # Errors
    /// When `wire.json` is missing or malformed.
    pub fn read(scenario: &Path) -> Result<Self> {
        let text = std::fs::read(scenario.join("wire.json")).context("cannot read wire.json")?;
        serde_json::from_slice(&text).context("wire.json is malformed")
    }

    /// An output of the CLI.
    pub fn output(&self, name: &str) -> Option<&Value> {
        self.outputs.get(name)
    }

    /// The exchange whose response has this access token.
    pub fn issued(&self, token: &str) -> Option<&Exchange> {
        self.requests.iter().find(|exchange| exchange.token().as_deref() == Some(token))
    }
}

impl Exchange {
    /// The response, when it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.response.body).ok()
    }

    /// The access token of the response.
    pub fn token(&self) -> Option<String> {
        Some(self.json()?.get("access_token")?.as_str()?.to_owned())
    }

    /// A field of the form.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether the request is for a token: at a token endpoint of Microsoft Entra, or at a managed identity endpoint.
    pub fn is_token_request(&self) -> bool {
        self.path.ends_with("/token")
    }

    /// The scope of a token request, without the scopes of OpenID Connect.
    pub fn scope(&self) -> Option<String> {
        let requested = self.field("scope").and_then(resource_scope);
        let resource = self.query_params.iter().find(|(name, _)| name == "resource");
        // A device code is redeemed without the scope, which the response repeats.
        let granted = || resource_scope(self.json()?.get("scope")?.as_str()?);
        requested.or_else(|| resource.map(|(_, value)| format!("{value}/.default"))).or_else(granted)
    }
}

/// The first scope that is not one of OpenID Connect.
fn resource_scope(scopes: &str) -> Option<String> {
    let is_resource = |scope: &&str| !["offline_access", "openid", "profile", "email"].contains(scope);
    scopes.split(' ').find(is_resource).map(ToOwned::to_owned)
}
