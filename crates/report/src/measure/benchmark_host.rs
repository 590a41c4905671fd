//! A wasmtime host configured for speed: pooled instances, synchronous calls, and only what components of WASI 0.2 need.

use crate::guests::CALLER;
use anyhow::Result;
use host_tests::app::plug;
use host_tests::environment::{State, TestEnvironment};
use std::path::Path;
use wasmtime::component::{Component, Linker};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, ResourceLimiter, Store,
};
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

/// What the engine counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Nothing: for measurements of time.
    Nothing,
    /// Each wasm instruction, by wasmtime's fuel.
    Instructions,
}

/// An engine, and a linker with what the components import.
pub struct BenchmarkHost {
    engine: Engine,
    linker: Linker<Observed>,
}

impl BenchmarkHost {
    /// Sets up the host. Its pool keeps the memory of an instance that ended for the next one, and clears what was written
    /// (Linux 6.7 and later; elsewhere all that is kept).
    ///
    /// # Errors
    /// When wasmtime refuses the configuration.
    pub fn new(counting: Counting) -> Result<Self> {
        Self::with_pool(counting, KEPT)
    }

    /// Sets up a host whose pool returns the memory of an instance to the system when it ends, as wasmtime's does by default.
    ///
    /// # Errors
    /// When wasmtime refuses the configuration.
    pub fn keeping_no_memory() -> Result<Self> {
        Self::with_pool(Counting::Nothing, 0)
    }

    fn with_pool(counting: Counting, kept: usize) -> Result<Self> {
        let mut pool = PoolingAllocationConfig::default();
        pool.linear_memory_keep_resident(kept).table_keep_resident(kept).pagemap_scan(Enabled::Auto);
        pool.total_component_instances(MOST_INSTANCES).total_core_instances(MOST_INSTANCES * 8);
        pool.total_memories(MOST_INSTANCES * 2).total_tables(MOST_INSTANCES * 8);
        pool.max_memory_size(64 << 20);
        let mut config = Config::new();
        config.concurrency_support(false);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        // An address space has no room for 4 GiB for each of so many instances.
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
    /// When the component does not export it.
    pub fn provider(&self, path: &str) -> Result<CompiledProvider<'_>> {
        let component = Component::from_file(&self.engine, path)?;
        Ok(CompiledProvider { host: self, pre: ProviderPre::new(self.linker.instantiate_pre(&component)?)? })
    }

    /// Compiles the app `caller` with a provider plugged into it, and starts an instance.
    ///
    /// # Errors
    /// When the two do not fit together.
    pub fn caller(&self, provider: &str, env: &[(&str, String)]) -> Result<Caller> {
        let composed = plug(Path::new(CALLER), Path::new(provider))?;
        let component = Component::from_binary(&self.engine, &composed)?;
        self.app(&component, env)
    }

    /// Compiles a component that gets its tokens itself and exports `ask` as the app `caller` does, and starts an instance.
    ///
    /// # Errors
    /// When it does not export `ask`.
    pub fn own_caller(&self, path: &str, env: &[(&str, String)]) -> Result<Caller> {
        self.app(&Component::from_file(&self.engine, path)?, env)
    }

    fn app(&self, component: &Component, env: &[(&str, String)]) -> Result<Caller> {
        let mut store = self.store(env)?;
        let app = calling::Caller::instantiate(&mut store, component, &self.linker)?;
        Ok(Caller { store, app })
    }

    /// The linker with what the components import.
    pub(super) fn linker(&self) -> &Linker<Observed> {
        &self.linker
    }

    /// The engine.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// A store for one instance, with these variables.
    pub(super) fn store(&self, env: &[(&str, String)]) -> Result<Store<Observed>> {
        let (state, _disk, _output) = environment(env).into_state()?;
        let mut store = Store::new(&self.engine, Observed { state, linear_bytes: 0 });
        store.limiter(|observed| observed);
        // An engine that counts nothing refuses fuel and needs none.
        let _ = store.set_fuel(u64::MAX);
        Ok(store)
    }
}

/// A compiled provider.
pub struct CompiledProvider<'a> {
    host: &'a BenchmarkHost,
    pre: ProviderPre<Observed>,
}

impl CompiledProvider<'_> {
    /// Starts an instance with these variables and the real network.
    ///
    /// # Errors
    /// When the pool is empty.
    pub fn start(&self, env: &[(&str, String)]) -> Result<Instance> {
        let mut store = self.host.store(env)?;
        let provider = self.pre.instantiate(&mut store)?;
        Ok(Instance { store, provider })
    }
}

/// An instance of a provider.
pub struct Instance {
    store: Store<Observed>,
    provider: Provider,
}

impl Instance {
    /// Requests a token and returns its length.
    ///
    /// # Errors
    /// When the provider returns none.
    pub fn get_token(&mut self, request: &TokenRequest) -> Result<usize> {
        let interface = self.provider.azure_identity_token_credential();
        let token = interface.call_get_token(&mut self.store, request)?;
        Ok(token.map_err(|error| anyhow::anyhow!("{}", error.message))?.token.len())
    }

    /// The fuel that is left, one unit for each instruction.
    ///
    /// # Errors
    /// When the host does not count instructions.
    pub fn fuel(&self) -> Result<u64> {
        Ok(self.store.get_fuel()?)
    }

    /// The size of its linear memory, in bytes.
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
    /// Calls `get-token` from the app `times` times, for each of `scopes` in turn.
    ///
    /// # Errors
    /// When the provider returns no token.
    pub fn call(&mut self, times: u32, scopes: &[String]) -> Result<u64> {
        let result = self.app.call_ask(&mut self.store, times, scopes)?;
        result.map_err(|message| anyhow::anyhow!(message))
    }

    /// The fuel that is left, one unit for each instruction.
    ///
    /// # Errors
    /// When the host does not count instructions.
    pub fn fuel(&self) -> Result<u64> {
        Ok(self.store.get_fuel()?)
    }
}

/// These variables, with the network and the clock of this machine.
pub(super) fn environment(env: &[(&str, String)]) -> TestEnvironment {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    TestEnvironment { env, ..TestEnvironment::real() }
}

/// A request for one scope.
pub fn request(scope: &str) -> TokenRequest {
    TokenRequest {
        scopes: vec![scope.to_owned()],
        tenant_id: None,
        claims: None,
        enable_cae: false,
        options: Vec::new(),
    }
}

/// The state of a store, and the size of its linear memories.
pub struct Observed {
    state: State,
    linear_bytes: usize,
}

impl Observed {
    /// The size of its linear memories, in bytes.
    pub(super) fn linear_bytes(&self) -> usize {
        self.linear_bytes
    }
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

/// The limit of instances at once; no measurement reaches it.
const MOST_INSTANCES: u32 = 1100;
/// The bytes that the pool keeps of each memory and of each table; no component here has more.
const KEPT: usize = 2 << 20;
