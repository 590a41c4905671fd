//! wasmtime as somebody sets it up who cares for speed: pooled instances, synchronous calls, nothing that
//! a host of components of WASI 0.2 does not need.

use anyhow::Result;
use host_tests::app::plug;
use host_tests::guests::CALLER;
use host_tests::surroundings::{State, Surroundings};
use std::path::Path;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use providing::{Provider, ProviderPre};

pub use providing::azure::identity::types::TokenRequest;

mod providing {
    #![allow(missing_docs, reason = "generated; the WIT files have the documentation")]
    wasmtime::component::bindgen!({
        inline: "
            package tests:measure;
            world provider { export azure:identity/token-credential@0.2.0; }
        ",
        path: "../../wit/0.2",
    });
}

mod calling {
    wasmtime::component::bindgen!({
        inline: "
            package tests:measure;
            world caller { export ask: func(times: u32, scopes: list<string>) -> result<u64, string>; }
        ",
    });
}

/// What the engine counts besides running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Nothing: for the clock.
    Nothing,
    /// Each wasm instruction, as wasmtime's fuel.
    Instructions,
}

/// An engine and a linker with what our components need.
pub struct Lab {
    engine: Engine,
    linker: Linker<Observed>,
}

impl Lab {
    /// Sets it up.
    ///
    /// # Errors
    /// When wasmtime refuses the configuration.
    pub fn new(counting: Counting) -> Result<Self> {
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(MOST_INSTANCES).total_core_instances(MOST_INSTANCES * 8);
        pool.total_memories(MOST_INSTANCES * 2).total_tables(MOST_INSTANCES * 8);
        pool.max_memory_size(64 << 20);
        let mut config = Config::new();
        config.concurrency_support(false);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        // Reserving 4 GiB for each of so many instances is more than an address space has.
        config.memory_reservation(64 << 20).memory_guard_size(1 << 16);
        config.consume_fuel(counting == Counting::Instructions);
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_sync(&mut linker)?;
        Ok(Self { engine, linker })
    }

    /// Compiles a component that exports `token-credential`.
    ///
    /// # Errors
    /// When it does not.
    pub fn provider(&self, path: &str) -> Result<Machine<'_>> {
        let component = Component::from_file(&self.engine, path)?;
        Ok(Machine { lab: self, pre: ProviderPre::new(self.linker.instantiate_pre(&component)?)? })
    }

    /// Compiles the app `caller` with a provider plugged into it, and starts it.
    ///
    /// # Errors
    /// When the two do not fit together.
    pub fn caller(&self, provider: &str, env: &[(&str, String)]) -> Result<Caller> {
        let composed = plug(Path::new(CALLER), Path::new(provider))?;
        let component = Component::from_binary(&self.engine, &composed)?;
        let mut store = self.store(env)?;
        let app = calling::Caller::instantiate(&mut store, &component, &self.linker)?;
        Ok(Caller { store, app })
    }

    fn store(&self, env: &[(&str, String)]) -> Result<Store<Observed>> {
        let (state, _disk, _output) = surroundings(env).furnish()?;
        let mut store = Store::new(&self.engine, Observed { state, linear_bytes: 0 });
        store.limiter(|observed| observed);
        // Refused where nothing is counted, and not needed there.
        let _ = store.set_fuel(u64::MAX);
        Ok(store)
    }
}

/// A compiled provider.
pub struct Machine<'a> {
    lab: &'a Lab,
    pre: ProviderPre<Observed>,
}

impl Machine<'_> {
    /// Starts an instance, with these variables and the real network.
    ///
    /// # Errors
    /// When the pool is empty.
    pub fn start(&self, env: &[(&str, String)]) -> Result<Running> {
        let mut store = self.lab.store(env)?;
        let provider = self.pre.instantiate(&mut store)?;
        Ok(Running { store, provider })
    }
}

/// An instance of a provider.
pub struct Running {
    store: Store<Observed>,
    provider: Provider,
}

impl Running {
    /// Asks for a token; the answer is its length.
    ///
    /// # Errors
    /// When there is none.
    pub fn get_token(&mut self, request: &TokenRequest) -> Result<usize> {
        let interface = self.provider.azure_identity_token_credential();
        let token = interface.call_get_token(&mut self.store, request)?;
        Ok(token.map_err(|error| anyhow::anyhow!("{}", error.message))?.token.len())
    }

    /// The instructions that it has left.
    ///
    /// # Errors
    /// In a lab that does not count them.
    pub fn fuel(&self) -> Result<u64> {
        Ok(self.store.get_fuel()?)
    }

    /// How large its memory is now, in bytes.
    pub fn linear_bytes(&self) -> usize {
        self.store.data().linear_bytes
    }
}

/// An instance of the app `caller` over a provider.
pub struct Caller {
    store: Store<Observed>,
    app: calling::Caller,
}

impl Caller {
    /// Lets it ask `times` times, for one of `scopes` after the other.
    ///
    /// # Errors
    /// When it gets no token.
    pub fn ask(&mut self, times: u32, scopes: &[String]) -> Result<u64> {
        let answer = self.app.call_ask(&mut self.store, times, scopes)?;
        answer.map_err(|message| anyhow::anyhow!(message))
    }

    /// The instructions that it has left.
    ///
    /// # Errors
    /// In a lab that does not count them.
    pub fn fuel(&self) -> Result<u64> {
        Ok(self.store.get_fuel()?)
    }
}

/// These variables, and the network and the clock of this machine.
pub(super) fn surroundings(env: &[(&str, String)]) -> Surroundings {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Surroundings { env, ..Surroundings::real() }
}

/// A request for one scope.
pub fn request(scope: &str) -> TokenRequest {
    TokenRequest { scopes: vec![scope.to_owned()], tenant_id: None, claims: None, enable_cae: false }
}

/// What an instance may use, and how large its memory has become.
pub struct Observed {
    state: State,
    linear_bytes: usize,
}

impl WasiView for Observed {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.state.ctx()
    }
}

impl WasiHttpView for Observed {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.state.http()
    }
}

impl ResourceLimiter for Observed {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.linear_bytes += desired - current;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

/// More than any measurement starts at once.
const MOST_INSTANCES: u32 = 1100;
