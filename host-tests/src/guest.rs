//! The component in wasmtime, in the environment of a test.

use crate::bindings::{AccessToken, CredentialError, TokenRequest};
use crate::edition::Edition;
use crate::engine::{engine, linker_on, reset_epoch_deadline, store_on};
use crate::environment::{Disk, State, TestEnvironment};
use crate::functions::Functions;
use crate::network::{Network, Outcome};
use anyhow::{Context, Result, bail};
use futures_util::future::{LocalBoxFuture, try_join_all};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use wasmtime::component::{Accessor, Component, Linker, ResourceAny};
use wasmtime::{Engine, Store};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

/// Starts a guest in an environment; tests that run on several editions take the function as a parameter.
pub type Start = fn(TestEnvironment) -> LocalBoxFuture<'static, Result<Guest>>;

/// The release build of the provider for WASI 0.2.
pub const PROVIDER: &str = env!("AZURE_IDENTITY_WASM");
/// The HTTP app of the examples, which is not composed with a provider.
#[cfg(feature = "tests")]
pub const HTTP_APP: &str = env!("HTTP_APP_WASM");

/// An instance of the provider. It lives until it is dropped, and so does its cache.
pub struct Guest {
    store: Store<State>,
    functions: Functions,
    disk: Disk,
    network: Option<Arc<dyn Network>>,
    output: MemoryOutputPipe,
}

impl Guest {
    /// Starts an instance.
    pub async fn start(environment: TestEnvironment) -> Result<Self> {
        let compiled = compiled(environment.edition)?;
        Self::start_in(compiled, engine(), environment).await
    }

    /// Starts an instance on another engine, for which the component is compiled again.
    pub async fn start_on(engine: &Engine, environment: TestEnvironment) -> Result<Self> {
        let compiled = CompiledComponent::new(engine, environment.edition)?;
        Self::start_in(&compiled, engine, environment).await
    }

    /// Starts an instance of another component that exports `token-credential`, e.g. of a middleware composed with the
    /// provider, for the edition of the environment.
    pub async fn start_component(component: &Component, environment: TestEnvironment) -> Result<Self> {
        Self::start_linked(component, linker_on(engine())?, environment).await
    }

    /// As [`start_component`](Self::start_component), with a linker that has more than WASI.
    pub async fn start_linked(
        component: &Component,
        linker: Linker<State>,
        environment: TestEnvironment,
    ) -> Result<Self> {
        let compiled = CompiledComponent { component: component.clone(), linker };
        Self::start_in(&compiled, engine(), environment).await
    }

    async fn start_in(
        compiled: &CompiledComponent,
        engine: &Engine,
        environment: TestEnvironment,
    ) -> Result<Self> {
        let (network, edition) = (environment.network.clone(), environment.edition);
        let (state, disk, output) = environment.into_state()?;
        let mut store = store_on(engine, state);
        let instance = compiled.linker.instantiate_async(&mut store, &compiled.component).await?;
        Ok(Self { store, functions: Functions::new(instance, edition), disk, network, output })
    }

    /// Calls `get-token` of `token-credential`. The outer error is a trap.
    pub async fn get_token(
        &mut self,
        request: &TokenRequest,
    ) -> Result<Result<AccessToken, CredentialError>> {
        let (functions, store) = self.credentials();
        Ok(functions.call_token_credential(store, request).await?)
    }

    /// Calls `get-token` of `token-credential` concurrently. The outer error is a trap.
    ///
    /// Only the edition for WASI 0.3 processes a call while another one waits.
    pub async fn get_tokens(
        &mut self,
        requests: impl IntoIterator<Item = TokenRequest>,
    ) -> Result<Vec<Result<AccessToken, CredentialError>>> {
        let function = self.functions.get_token(&mut self.store)?;
        self.run_concurrent(async |store| {
            let calls = requests.into_iter().map(|request| function.call_concurrent(store, (request,)));
            let tokens = try_join_all(calls).await?;
            Ok(tokens.into_iter().map(|(token,)| token).collect())
        })
        .await
    }

    /// Runs `calls`, which may make several calls concurrently. An error is a trap.
    pub async fn run_concurrent<T>(
        &mut self,
        calls: impl AsyncFnOnce(&Accessor<State>) -> Result<T>,
    ) -> Result<T> {
        reset_epoch_deadline(&mut self.store);
        self.store.run_concurrent(calls).await?
    }

    /// Waits for a duration, during which the instance's background tasks run.
    pub async fn pass(&mut self, time: Duration) -> Result<()> {
        self.run_concurrent(async |_| {
            tokio::time::sleep(time).await;
            Ok(())
        })
        .await
    }

    /// Calls a function of `credentials`, e.g.
    /// `|c, store| Box::pin(c.call_managed_identity(store, None))`. The outer error is a trap.
    pub async fn call<T, F>(&mut self, call: F) -> Result<T>
    where
        F: for<'a> FnOnce(&'a Functions, &'a mut Store<State>) -> Calling<'a, T>,
    {
        let (interface, store) = self.credentials();
        Ok(call(interface, store).await?)
    }

    /// The functions of `credentials` and the store that each of them requires, for one call:
    /// `let (c, store) = guest.credentials(); c.call_managed_identity(store, None).await`. An error of such a call is
    /// a trap.
    pub fn credentials(&mut self) -> (&Functions, &mut Store<State>) {
        reset_epoch_deadline(&mut self.store);
        (&self.functions, &mut self.store)
    }

    /// Calls `get-token` of a credential. The outer error is a trap.
    pub async fn get_token_of(
        &mut self,
        credential: ResourceAny,
        request: &TokenRequest,
    ) -> Result<Result<AccessToken, CredentialError>> {
        let (interface, store) = self.credentials();
        Ok(interface.call_get_token(store, credential, request).await?)
    }

    /// Drops a handle of `credentials`. An error is a trap.
    pub async fn drop_handle(&mut self, handle: ResourceAny) -> Result<()> {
        reset_epoch_deadline(&mut self.store);
        Ok(handle.resource_drop_async(&mut self.store).await?)
    }

    /// Opens an address in the user's browser, on the guest's network, and returns the address of the redirect.
    pub async fn browse(&self, address: &str) -> Result<url::Url> {
        let network = self.network.as_ref().context("the browser needs a simulated network")?;
        let request = http::Request::get(address).body(bytes::Bytes::new())?;
        let Outcome::Response(response) = network.send(request).await else {
            bail!("the page cannot be opened")
        };
        let location = response.headers().get("location").and_then(|it| it.to_str().ok());
        let body = String::from_utf8_lossy(response.body());
        Ok(url::Url::parse(location.with_context(|| format!("the response is no redirect: {body}"))?)?)
    }

    /// Its edition.
    pub fn edition(&self) -> Edition {
        self.functions.edition()
    }

    /// Its files.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The size of its linear memories, in bytes.
    pub fn memory(&self) -> usize {
        self.store.data().memory()
    }

    /// The guest's standard output and standard error.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.contents()).into_owned()
    }
}

/// A running call of a function of `credentials`.
pub type Calling<'a, T> = std::pin::Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;

/// The compiled component and its linker, which all instances of an edition share.
struct CompiledComponent {
    component: Component,
    linker: Linker<State>,
}

impl CompiledComponent {
    fn new(engine: &Engine, edition: Edition) -> Result<Self> {
        let component = Component::from_file(engine, edition.component())?;
        Ok(Self { component, linker: linker_on(engine)? })
    }
}

/// Compiles the component of an edition once per process.
fn compiled(edition: Edition) -> Result<&'static CompiledComponent> {
    static COMPILED: [OnceLock<Result<CompiledComponent, String>>; Edition::ALL.len()] =
        [const { OnceLock::new() }; Edition::ALL.len()];
    let compile = || CompiledComponent::new(engine(), edition).map_err(|error| format!("{error:#}"));
    let compiled = COMPILED[edition as usize].get_or_init(compile);
    compiled.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}
