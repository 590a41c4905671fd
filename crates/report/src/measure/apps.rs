//! Many apps over one provider of the embedder's crate: cached calls a second on two cores, and the memory of an app.

use super::cost::resident_now;
use super::token_server::TokenServer;
use crate::guests::CALLER;
use anyhow::{Context, Result};
use azure_identity_wasmtime::{CredentialError, INTERFACE, Policy, Provider, TokenRequest};
use host_tests::edition::Edition;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use wasmtime::component::{Component, InstancePre, Linker, TypedFunc};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

/// An app, compiled over a provider and over a function of the host that returns a constant token, which is the floor.
pub struct Apps {
    runtime: Runtime,
    over_provider: InstancePre<()>,
    over_constant: InstancePre<()>,
}

/// What apps get their tokens from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The provider.
    Provider,
    /// A function of the host that returns a constant.
    Constant,
}

/// Instances of the app, all alive.
pub struct Alive<'a> {
    runtime: &'a Runtime,
    /// Those of each core.
    shares: Vec<Vec<Instance>>,
    /// The resident memory of each, in bytes, after its first call.
    pub memory: u64,
}

type Ask = TypedFunc<(u32, Vec<String>), (Result<u64, String>,)>;
type Instance = (Store<()>, Ask);

impl Apps {
    /// Starts the provider, and compiles the app.
    ///
    /// # Errors
    /// When the provider does not start.
    pub fn compile(server: &TokenServer) -> Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(CORES).enable_all().build()?;
        let engine = engine()?;
        let component = Component::from_file(&engine, CALLER)?;
        let provider = runtime.block_on(provider(server, 1024))?;
        let token = runtime.block_on(provider.get_token(TokenRequest::new(SCOPE)))?;
        let mut linker = Linker::new(&engine);
        provider.scoped(Policy::unrestricted()).add_to_linker(&mut linker)?;
        let over_provider = linker.instantiate_pre(&component)?;
        let mut linker = Linker::new(&engine);
        linker.instance(INTERFACE)?.func_wrap_async("get-token", move |_, (_,): (TokenRequest,)| {
            let token = Arc::clone(&token);
            Box::new(async move { Ok((Ok::<_, CredentialError>(token),)) })
        })?;
        Ok(Self { runtime, over_provider, over_constant: linker.instantiate_pre(&component)? })
    }

    /// Starts instances, each of which calls once.
    ///
    /// # Errors
    /// When one does not start, or gets no token.
    pub fn start(&self, from: From, count: usize) -> Result<Alive<'_>> {
        let app = if from == From::Provider { &self.over_provider } else { &self.over_constant };
        let before = resident_now()?;
        let mut shares: Vec<_> = (0..CORES).map(|_| Vec::with_capacity(count)).collect();
        self.runtime.block_on(async {
            for number in 0..count {
                let mut store = Store::new(app.engine(), ());
                let instance = app.instantiate_async(&mut store).await?;
                let ask = instance
                    .get_typed_func::<(u32, Vec<String>), (Result<u64, String>,)>(&mut store, "ask")?;
                let mut instance = (store, ask);
                call(&mut instance).await?;
                shares[number % CORES].push(instance);
            }
            anyhow::Ok(())
        })?;
        let memory = resident_now()?.saturating_sub(before) / count as u64;
        Ok(Alive { runtime: &self.runtime, shares, memory })
    }
}

impl Alive<'_> {
    /// Lets the instances call in turn for a while, those of each core at once; returns that time divided by the
    /// calls.
    ///
    /// # Errors
    /// When one gets no token.
    pub fn time_of_a_call(&mut self, during: Duration) -> Result<Duration> {
        let started = Instant::now();
        let shares = std::mem::take(&mut self.shares);
        let tasks: Vec<_> = shares
            .into_iter()
            .map(|mut share| {
                self.runtime.spawn(async move {
                    let mut calls = 0_u64;
                    // The clock is read once in a round or in a hundred calls, whichever is longer.
                    while !share.is_empty() && started.elapsed() < during {
                        for number in 0..share.len().max(100) {
                            let next = number % share.len();
                            call(&mut share[next]).await?;
                            calls += 1;
                        }
                    }
                    anyhow::Ok((share, calls))
                })
            })
            .collect();
        let mut calls = 0_u64;
        for task in tasks {
            let (share, of_share) = self.runtime.block_on(task)??;
            self.shares.push(share);
            calls += of_share;
        }
        Ok(started.elapsed().div_f64(calls as f64))
    }
}

/// A provider with the token server as its IMDS, which caches so many tokens.
///
/// # Errors
/// When it does not start.
pub(super) async fn provider(server: &TokenServer, capacity: usize) -> Result<Provider> {
    let mut builder = Provider::builder().allow_any_host().cache_capacity(capacity);
    for (name, value) in server.imds() {
        builder = builder.env(name, value);
    }
    builder.load_file(Edition::Wasi02.component()).await.context("the provider does not start")
}

async fn call((store, ask): &mut Instance) -> Result<()> {
    let (outcome,) = ask.call_async(store, (1, vec![SCOPE.to_owned()])).await?;
    outcome.map(drop).map_err(anyhow::Error::msg)
}

fn engine() -> Result<Engine> {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(MOST).total_core_instances(MOST * 4);
    // A store keeps the stack of its calls.
    pool.total_stacks(MOST).total_memories(MOST).total_tables(MOST * 4).max_memory_size(2 << 20);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    // An address space has no room for 4 GiB for each of so many instances.
    config.memory_reservation(2 << 20).memory_guard_size(1 << 16);
    // A mapping of the image for each instance exceeds the number of mappings that Linux allows a process by default.
    config.memory_init_cow(false);
    Ok(Engine::new(&config)?)
}

/// The cores that the figures are for.
const CORES: usize = 2;
/// The instances at once, at most.
const MOST: u32 = 10_100;
const SCOPE: &str = "https://vault.azure.net/.default";
