//! A composition of middlewares and a provider, on a virtual machine with a managed identity.

use anyhow::Result;
use azure_simulator::{Azure, Settings};
use host_tests::app::{ensure_no_import_of_ours, stack};
use host_tests::bindings::{AccessToken, CredentialError, TokenRequest};
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::engine;
use host_tests::environment::TestEnvironment;
use host_tests::guest::Guest;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime::component::Component;

/// The composition and its environment.
pub struct Composed {
    pub azure: Azure,
    pub guest: Guest,
}

impl Composed {
    /// The components, the outermost first, with environment variables that all of them share.
    pub async fn start(edition: Edition, layers: &[&str], variables: &[(&str, &str)]) -> Result<Self> {
        let clock = Clock::simulated();
        let azure = Azure::new(clock.clone(), Settings::default());
        let mut environment = TestEnvironment::new(clock, Arc::new(azure.clone()));
        environment.env = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        environment.edition = edition;
        let guest = Guest::start_component(&compose(layers)?, environment).await?;
        Ok(Self { azure, guest })
    }

    /// Calls `get-token`. The outer error is a trap.
    pub async fn get_token(
        &mut self,
        request: &TokenRequest,
    ) -> Result<Result<AccessToken, CredentialError>> {
        self.guest.get_token(request).await
    }

    /// The number of requests for tokens that the provider sent.
    pub fn token_requests(&self) -> usize {
        self.azure.journal().len()
    }
}

/// A request for one scope.
pub fn request(scope: &str) -> TokenRequest {
    let scopes = vec![scope.to_owned()];
    TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() }
}

pub const VAULT: &str = "https://vault.azure.net/.default";
pub const STORAGE: &str = "https://storage.azure.com/.default";

/// Composes the components, once in a process.
fn compose(layers: &[&str]) -> Result<Component> {
    static COMPOSED: Mutex<BTreeMap<String, Component>> = Mutex::new(BTreeMap::new());
    let mut composed = COMPOSED.lock().unwrap_or_else(PoisonError::into_inner);
    let key = layers.join(" ");
    if let Some(component) = composed.get(&key) {
        return Ok(component.clone());
    }
    let component = Component::from_binary(engine(), &stack(layers)?)?;
    ensure_no_import_of_ours(&component)?;
    composed.insert(key, component.clone());
    Ok(component)
}
