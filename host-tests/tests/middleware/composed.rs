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
    pub clock: Clock,
    pub azure: Azure,
    pub guest: Guest,
}

impl Composed {
    /// The components, the outermost first, with environment variables that all of them share.
    pub async fn start(edition: Edition, layers: &[&str], variables: &[(&str, &str)]) -> Result<Self> {
        let (clock, azure, environment) = machine(edition, variables);
        let guest = Guest::start_component(&compose(layers)?, environment).await?;
        Ok(Self { clock, azure, guest })
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

/// A virtual machine with these environment variables: its clock, the simulated Azure, and what an instance is given.
pub fn machine(edition: Edition, variables: &[(&str, &str)]) -> (Clock, Azure, TestEnvironment) {
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), Settings::default());
    let mut environment = TestEnvironment::new(clock.clone(), Arc::new(azure.clone()));
    environment.env = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    environment.edition = edition;
    (clock, azure, environment)
}

/// A request for one scope.
pub fn request(scope: &str) -> TokenRequest {
    let scopes = vec![scope.to_owned()];
    TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() }
}

pub const VAULT: &str = "https://vault.azure.net/.default";
pub const STORAGE: &str = "https://storage.azure.com/.default";

/// The components, the outermost first, composed.
pub fn compose(layers: &[&str]) -> Result<Component> {
    compiled(layers.join(" "), || stack(layers))
}

/// The component that `compose` returns, which is composed and compiled once in a process.
pub fn compiled(key: String, compose: impl FnOnce() -> Result<Vec<u8>>) -> Result<Component> {
    static COMPILED: Mutex<BTreeMap<String, Component>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(component) = compiled.get(&key) {
        return Ok(component.clone());
    }
    let component = Component::from_binary(engine(), &compose()?)?;
    ensure_no_import_of_ours(&component)?;
    compiled.insert(key, component.clone());
    Ok(component)
}
