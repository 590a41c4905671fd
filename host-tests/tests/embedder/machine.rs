//! A simulated machine with an embedder and the apps that it runs.

use anyhow::Result;
use azure_identity_wasmtime::{
    AccessToken, CredentialError, Policy, Provider, ProviderBuilder, TokenRequest,
};
use azure_simulator::{Azure, Settings};
use bytes::Bytes;
use host_tests::clock::Clock;
use host_tests::engine::{engine, reset_epoch_deadline};
use host_tests::journal::{Journal, Sent};
use host_tests::network::{Network, NetworkHooks, Outcome};
use http::Request;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::{Component, InstancePre, Linker};

pub const VAULT: &str = "https://vault.azure.net/.default";
pub const STORAGE: &str = "https://storage.azure.com/.default";

/// The provider, loaded as a library, and its environment.
pub struct Machine {
    pub provider: Provider,
    pub clock: Clock,
    pub azure: Azure,
    network: Arc<DelayedNetwork>,
    app: InstancePre<()>,
}

impl Machine {
    /// A virtual machine with a managed identity.
    pub async fn start() -> Result<Self> {
        Self::start_with(Settings::default(), |builder| builder).await
    }

    /// A virtual machine with these settings of the simulated Azure, and a further configuration of the provider.
    pub async fn start_with(
        settings: Settings,
        configure: impl FnOnce(ProviderBuilder) -> ProviderBuilder,
    ) -> Result<Self> {
        let (clock, azure, network) = simulated(settings);
        Self::load(clock, azure, network, |builder| configure(builder.allow_any_host())).await
    }

    /// As [`start_with`](Self::start_with), with no host that requests may go to unless the configuration allows it.
    pub async fn start_closed(configure: impl FnOnce(ProviderBuilder) -> ProviderBuilder) -> Result<Self> {
        let (clock, azure, network) = simulated(Settings::default());
        Self::load(clock, azure, network, configure).await
    }

    async fn load(
        clock: Clock,
        azure: Azure,
        network: Arc<DelayedNetwork>,
        configure: impl FnOnce(ProviderBuilder) -> ProviderBuilder,
    ) -> Result<Self> {
        let provider = load(configure(builder(&clock, network.clone()))).await?;
        let app = app(&provider)?;
        Ok(Self { provider, clock, azure, network, app })
    }

    /// The outcome of `get-token` in a new instance of an app.
    pub async fn ask(&self, request: TokenRequest) -> Result<AccessToken, CredentialError> {
        ask(&self.app, request).await
    }

    /// The token that a new instance of an app receives for a scope.
    pub async fn token(&self, scope: &str) -> String {
        self.ask(TokenRequest::new(scope)).await.expect("a token").secret().to_owned()
    }

    /// The requests so far, oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        self.network.journal.sent()
    }

    /// Delays the responses to requests whose address contains `part`.
    pub fn delay(&self, part: &str, delay: Duration) {
        let mut delays = self.network.delays.lock().expect("the lock is not poisoned");
        delays.retain(|(other, _)| other != part);
        delays.push((part.to_owned(), delay));
    }
}

fn simulated(settings: Settings) -> (Clock, Azure, Arc<DelayedNetwork>) {
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), settings);
    let journal = Journal::new(clock.clone(), Arc::new(azure.clone()));
    (clock, azure, Arc::new(DelayedNetwork { journal, delays: Mutex::default() }))
}

/// The simulated Azure with delayed responses.
struct DelayedNetwork {
    journal: Journal,
    /// A part of an address, and the delay of the responses.
    delays: Mutex<Vec<(String, Duration)>>,
}

impl Network for DelayedNetwork {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        let address = request.uri().to_string();
        let delays = self.delays.lock().expect("the lock is not poisoned");
        let delay = delays.iter().find(|(part, _)| address.contains(part)).map(|(_, delay)| *delay);
        drop(delays);
        let answer = self.journal.send(request);
        Box::pin(async move {
            if let Some(delay) = delay {
                tokio::time::sleep(delay).await;
            }
            answer.await
        })
    }
}

/// The provider, compiled once for all tests.
pub async fn load(builder: ProviderBuilder) -> Result<Provider> {
    static COMPILED: OnceLock<Vec<u8>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let component = std::fs::read(host_tests::guest::PROVIDER).expect("the component was built");
        azure_identity_wasmtime::precompile(&component).expect("the component compiles")
    });
    // SAFETY: the bytes come from `precompile` and are unchanged.
    Ok(unsafe { builder.load_precompiled(compiled) }.await?)
}

/// A provider on the simulated clock, before it is loaded.
fn builder(clock: &Clock, network: Arc<dyn Network>) -> ProviderBuilder {
    let (wall, monotonic) = (clock.clone(), clock.clone());
    Provider::builder()
        .http_client(move || NetworkHooks(Arc::clone(&network)))
        .wall_clock(move || wasmtime_wasi::HostWallClock::now(&wall))
        .customize_wasi(move |wasi| {
            wasi.monotonic_clock(monotonic.clone()).allow_blocking_current_thread(true);
        })
}

/// An app that imports the interface, linked to a provider that it may request everything from.
pub fn app(provider: &Provider) -> Result<InstancePre<()>> {
    app_of(|linker| provider.scoped(Policy::unrestricted()).add_to_linker(linker))
}

/// An app that imports the interface, which `add_to_linker` defines.
pub fn app_of<T: 'static>(
    add_to_linker: impl FnOnce(&mut Linker<T>) -> wasmtime::Result<()>,
) -> Result<InstancePre<T>> {
    static APP: OnceLock<Component> = OnceLock::new();
    let app =
        APP.get_or_init(|| Component::from_file(engine(), env!("RELAY_WASM")).expect("the app compiles"));
    let mut linker = Linker::new(engine());
    add_to_linker(&mut linker)?;
    Ok(linker.instantiate_pre(app)?)
}

/// The outcome of `get-token` in a new instance of an app.
pub async fn ask(app: &InstancePre<()>, request: TokenRequest) -> Result<AccessToken, CredentialError> {
    ask_with(app, (), request).await
}

/// As [`ask`], for an app whose store has data.
pub async fn ask_with<T: Send + 'static>(
    app: &InstancePre<T>,
    data: T,
    request: TokenRequest,
) -> Result<AccessToken, CredentialError> {
    let mut store = Store::new(engine(), data);
    reset_epoch_deadline(&mut store);
    let instance = app.instantiate_async(&mut store).await.expect("the app starts");
    let interface = instance.get_export_index(&mut store, None, azure_identity_wasmtime::INTERFACE);
    let get_token = instance.get_export_index(&mut store, interface.as_ref(), "get-token");
    let get_token = instance
        .get_typed_func::<(TokenRequest,), (Result<AccessToken, CredentialError>,)>(
            &mut store,
            get_token.expect("the app exports the function"),
        )
        .expect("the types are ours");
    get_token.call_async(&mut store, (request,)).await.expect("the app does not trap").0
}
