//! Fresh instances that share a store, with a service principal.

use anyhow::{Context, Result};
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use azure_simulator::{Azure, Settings, jwt};
use bytes::Bytes;
use host_tests::app::{App, ensure_no_import_of_ours, plug_all, stack};
use host_tests::bindings::{AccessToken, CredentialError, TokenRequest};
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::engine;
use host_tests::environment::TestEnvironment;
use host_tests::guest::Guest;
use host_tests::key_value::KeyValueStore;
use host_tests::network::{Network, Outcome};
use http::Request;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use wasmtime::component::Component;

/// The token cache, composed with the provider, for a draft of `wasi:keyvalue`.
pub const CACHES: &[&str] = &[env!("TOKEN_CACHE_WASM"), env!("TOKEN_CACHE_SPIN_WASM")];

pub const VAULT: &str = "https://vault.azure.net/.default";
pub const RING: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

/// Instances that have a store and an Azure.
#[derive(Clone)]
pub struct Fleet {
    pub azure: Azure,
    pub clock: Clock,
    pub variables: BTreeMap<String, String>,
    store: Option<Arc<dyn KeyValueStore>>,
    component: Component,
}

impl Fleet {
    /// A fleet whose instances are of the component at `cache`, composed with the provider. Azure answers after 50 ms.
    pub fn new(clock: Clock, cache: &str, store: Option<Arc<dyn KeyValueStore>>) -> Result<Self> {
        Self::with_azure(clock, cache, store, Settings::default())
    }

    pub fn with_azure(
        clock: Clock,
        cache: &str,
        store: Option<Arc<dyn KeyValueStore>>,
        settings: Settings,
    ) -> Result<Self> {
        let azure = Azure::new(clock.clone(), settings);
        let variables = [
            ("AZURE_TENANT_ID", TENANT_ID),
            ("AZURE_CLIENT_ID", CLIENT_ID),
            ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
            ("AZURE_TOKEN_CACHE_KEYS", RING),
            ("AZURE_TOKEN_CACHE_PARTITION", "orders"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let component = composed(cache, || stack(&[cache, Edition::Wasi02.component()]))?;
        Ok(Self { azure, clock, variables: variables.into(), store, component })
    }

    /// The same fleet with other variables; an empty one is not set.
    pub fn with(&self, variables: &[(&str, &str)]) -> Self {
        let mut fleet = self.clone();
        for (name, value) in variables {
            fleet.variables.insert((*name).to_owned(), (*value).to_owned());
        }
        fleet
    }

    pub fn environment(&self) -> TestEnvironment {
        let network = Arc::new(Delayed(self.azure.clone()));
        let mut environment = TestEnvironment::new(self.clock.clone(), network);
        environment.env = self.variables.clone();
        environment.key_value = self.store.clone();
        environment.real_randomness = true;
        environment
    }

    pub async fn instance(&self) -> Result<Guest> {
        Guest::start_component(&self.component, self.environment()).await
    }

    /// The outcome of a request in a fresh instance, and what the instance wrote to standard error.
    pub async fn get_token(
        &self,
        request: &TokenRequest,
    ) -> Result<(Result<AccessToken, CredentialError>, String)> {
        let mut instance = self.instance().await?;
        Ok((instance.get_token(request).await?, instance.output()))
    }

    /// The warnings of a request in a fresh instance, which gets a right token.
    pub async fn get_right_token(&self) -> Result<(AccessToken, String)> {
        let (outcome, warnings) = self.get_token(&request()).await?;
        let token = outcome.context("a token")?;
        let claims = jwt::verify(&token.token).context("Azure signed it")?;
        assert_eq!(
            (&claims["aud"], &claims["appid"]),
            (&"https://vault.azure.net".into(), &CLIENT_ID.into())
        );
        assert!(token.expires_on > self.clock.now());
        Ok((token, warnings))
    }

    /// The number of requests for tokens that Azure had.
    pub fn token_requests(&self) -> usize {
        self.azure.journal().iter().filter(|entry| entry.uri.contains("/token")).count()
    }
}

/// The HTTP app, composed with a cache and the provider; without a cache, with the provider alone.
pub fn http_app(cache: Option<&str>) -> Result<App> {
    let component = composed(&format!("app {cache:?}"), || {
        let layers: Vec<_> = cache.into_iter().chain([Edition::Wasi02.component()]).collect();
        plug_all(std::fs::read(env!("HTTP_APP_WASM"))?, vec![stack(&layers)?])
    })?;
    Ok(App::composed(component))
}

/// A request for a token of the key vault.
pub fn request() -> TokenRequest {
    let scopes = vec![VAULT.to_owned()];
    TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() }
}

/// The composition with this name, which is compiled once in a process.
fn composed(name: &str, compose: impl FnOnce() -> Result<Vec<u8>>) -> Result<Component> {
    static COMPILED: Mutex<BTreeMap<String, Component>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(component) = compiled.get(name) {
        return Ok(component.clone());
    }
    let component = Component::from_binary(engine(), &compose()?)?;
    ensure_no_import_of_ours(&component)?;
    compiled.insert(name.to_owned(), component.clone());
    Ok(component)
}

/// Azure, as far away as it is.
struct Delayed(Azure);

impl Network for Delayed {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.0.send(request).await
        })
    }
}
