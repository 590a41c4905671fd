//! The component in wasmtime, in surroundings made for one test.

use crate::bindings::{AccessToken, CredentialError, TokenRequest};
use crate::edition::Edition;
use crate::engine::{be_patient, engine, linker_on, store_on};
use crate::functions::Functions;
use crate::network::{Network, Outcome};
use crate::surroundings::{Disk, State, Surroundings};
use anyhow::{Context, Result, bail};
use futures_util::future::try_join_all;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use wasmtime::component::{Accessor, Component, Linker, ResourceAny};
use wasmtime::{Engine, Store};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

/// The release build of the provider for WASI 0.2.
pub const PROVIDER: &str = env!("AZURE_IDENTITY_WASM");

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
    pub async fn start(surroundings: Surroundings) -> Result<Self> {
        let machine = machine(surroundings.edition)?;
        Self::start_in(machine, engine(), surroundings).await
    }

    /// Starts an instance on an engine of one's own, for which the component is compiled anew.
    pub async fn start_on(engine: &Engine, surroundings: Surroundings) -> Result<Self> {
        let machine = Machine::new(engine, surroundings.edition)?;
        Self::start_in(&machine, engine, surroundings).await
    }

    async fn start_in(machine: &Machine, engine: &Engine, surroundings: Surroundings) -> Result<Self> {
        let (network, edition) = (surroundings.network.clone(), surroundings.edition);
        let (state, disk, output) = surroundings.furnish()?;
        let mut store = store_on(engine, state);
        let instance = machine.linker.instantiate_async(&mut store, &machine.component).await?;
        Ok(Self { store, functions: Functions::new(instance, edition), disk, network, output })
    }

    /// Asks the surroundings' identity for a token. The outer error is a trap.
    pub async fn get_token(
        &mut self,
        request: &TokenRequest,
    ) -> Result<Result<AccessToken, CredentialError>> {
        let (functions, store) = self.credentials();
        Ok(functions.call_ask(store, request).await?)
    }

    /// Asks the surroundings' identity for several tokens at once. The outer error is a trap.
    ///
    /// Only the edition for WASI 0.3 answers a call while another waits.
    pub async fn get_tokens(
        &mut self,
        requests: impl IntoIterator<Item = TokenRequest>,
    ) -> Result<Vec<Result<AccessToken, CredentialError>>> {
        let function = self.functions.get_token(&mut self.store)?;
        self.at_once(async |store| {
            let calls = requests.into_iter().map(|request| function.call_concurrent(store, (request,)));
            let tokens = try_join_all(calls).await?;
            Ok(tokens.into_iter().map(|(token,)| token).collect())
        })
        .await
    }

    /// Lets `calls` make several calls at once. An error is a trap.
    pub async fn at_once<T>(&mut self, calls: impl AsyncFnOnce(&Accessor<State>) -> Result<T>) -> Result<T> {
        be_patient(&mut self.store);
        self.store.run_concurrent(calls).await?
    }

    /// Lets time pass, in which the instance goes on with what it does beside its calls.
    pub async fn pass(&mut self, time: Duration) -> Result<()> {
        self.at_once(async |_| {
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

    /// The functions of `credentials` and the store that each of its functions wants, for one call:
    /// `let (c, store) = guest.credentials(); c.call_managed_identity(store, None).await`. An error of
    /// such a call is a trap.
    pub fn credentials(&mut self) -> (&Functions, &mut Store<State>) {
        be_patient(&mut self.store);
        (&self.functions, &mut self.store)
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
        let Outcome::Response(response) = network.send(request).await else {
            bail!("the page does not open")
        };
        let location = response.headers().get("location").and_then(|it| it.to_str().ok());
        let body = String::from_utf8_lossy(response.body());
        Ok(url::Url::parse(location.with_context(|| format!("the browser stays where it is: {body}"))?)?)
    }

    /// Which edition it is.
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

impl Machine {
    fn new(engine: &Engine, edition: Edition) -> Result<Self> {
        let component = Component::from_file(engine, edition.component())?;
        Ok(Self { component, linker: linker_on(engine)? })
    }
}

fn machine(edition: Edition) -> Result<&'static Machine> {
    static MACHINES: [OnceLock<Result<Machine, String>>; Edition::ALL.len()] =
        [const { OnceLock::new() }; Edition::ALL.len()];
    let make = || Machine::new(engine(), edition).map_err(|error| format!("{error:#}"));
    let machine = MACHINES[edition as usize].get_or_init(make);
    machine.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}
