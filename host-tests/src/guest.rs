//! The component in wasmtime, in surroundings made for one test.

use crate::bindings::{AccessToken, CredentialError, Provider, TokenRequest, credentials};
use crate::engine::{be_patient, engine, linker, store};
use crate::network::{Answer, Network};
use crate::surroundings::{Disk, State, Surroundings};
use anyhow::{Context, Result, bail};
use std::sync::{Arc, OnceLock};
use wasmtime::Store;
use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

/// The release build of the provider.
pub const PROVIDER: &str = env!("AZURE_IDENTITY_WASM");

/// An instance of the provider. It lives until it is dropped, and so does its cache.
pub struct Guest {
    store: Store<State>,
    provider: Provider,
    disk: Disk,
    network: Option<Arc<dyn Network>>,
    output: MemoryOutputPipe,
}

impl Guest {
    /// Starts an instance.
    pub async fn start(surroundings: Surroundings) -> Result<Self> {
        let network = surroundings.network.clone();
        let (state, disk, output) = surroundings.furnish()?;
        let machine = machine()?;
        let mut store = store(state);
        let provider = Provider::instantiate_async(&mut store, &machine.component, &machine.linker).await?;
        Ok(Self { store, provider, disk, network, output })
    }

    /// Asks the surroundings' identity for a token. The outer error is a trap.
    pub async fn get_token(
        &mut self,
        request: &TokenRequest,
    ) -> Result<Result<AccessToken, CredentialError>> {
        be_patient(&mut self.store);
        let interface = self.provider.azure_identity_token_credential();
        Ok(interface.call_get_token(&mut self.store, request).await?)
    }

    /// Calls a function of `credentials`, e.g.
    /// `|c, store| Box::pin(c.call_managed_identity(store, None))`. The outer error is a trap.
    pub async fn call<T, F>(&mut self, call: F) -> Result<T>
    where
        F: for<'a> FnOnce(&'a credentials::Guest, &'a mut Store<State>) -> Calling<'a, T>,
    {
        let (interface, store) = self.credentials();
        Ok(call(interface, store).await?)
    }

    /// The interface `credentials` and the store that each of its functions wants, for one call:
    /// `let (c, store) = guest.credentials(); c.call_managed_identity(store, None).await`. An error of
    /// such a call is a trap.
    pub fn credentials(&mut self) -> (&credentials::Guest, &mut Store<State>) {
        be_patient(&mut self.store);
        (self.provider.azure_identity_credentials(), &mut self.store)
    }

    /// Asks a credential for a token. The outer error is a trap.
    pub async fn get_token_of(
        &mut self,
        credential: ResourceAny,
        request: &TokenRequest,
    ) -> Result<Result<AccessToken, CredentialError>> {
        let (interface, store) = self.credentials();
        Ok(interface.credential().call_get_token(store, credential, request).await?)
    }

    /// Gives a handle of `credentials` back. An error is a trap.
    pub async fn drop_handle(&mut self, handle: ResourceAny) -> Result<()> {
        be_patient(&mut self.store);
        Ok(handle.resource_drop_async(&mut self.store).await?)
    }

    /// Opens an address in the user's browser, which the guest's network serves too; the answer is where
    /// the browser is sent to.
    pub async fn browse(&self, address: &str) -> Result<url::Url> {
        let network = self.network.as_ref().context("the user has no network")?;
        let request = http::Request::get(address).body(bytes::Bytes::new())?;
        let Answer::Response(response) = network.answer(request).await else {
            bail!("the page does not open")
        };
        let location = response.headers().get("location").and_then(|it| it.to_str().ok());
        let body = String::from_utf8_lossy(response.body());
        Ok(url::Url::parse(location.with_context(|| format!("the browser stays where it is: {body}"))?)?)
    }

    /// Its files.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The size of its linear memories, in bytes.
    pub fn memory(&self) -> usize {
        self.store.data().memory()
    }

    /// Whatever the guest printed.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.contents()).into_owned()
    }
}

/// What a function of `credentials` returns while it runs.
pub type Calling<'a, T> = std::pin::Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;

/// What all instances share: the component is compiled once a process.
struct Machine {
    component: Component,
    linker: Linker<State>,
}

fn machine() -> Result<&'static Machine> {
    static MACHINE: OnceLock<Result<Machine, String>> = OnceLock::new();
    let make = || -> Result<Machine> {
        Ok(Machine { component: Component::from_file(engine(), PROVIDER)?, linker: linker()? })
    };
    let machine = MACHINE.get_or_init(|| make().map_err(|error| format!("{error:#}")));
    machine.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}
