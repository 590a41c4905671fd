//! A run of a fleet on the virtual clock.

use crate::clock::Clock;
use crate::fleet::figures::Figures;
use crate::fleet::host::{World, live};
use crate::fleet::memory_store::MemoryStore;
use crate::fleet::minimum::{Lifetimes, requests};
use crate::fleet::random::Random;
use crate::fleet::scenario::{Plan, Scenario};
use crate::fleet::upstream::Upstream;
use anyhow::{Result, anyhow};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// The size of a fleet.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The number of hosts.
    pub hosts: usize,
    /// The number of app instances of each host.
    pub instances: usize,
    /// The number of tokens that they ask for.
    pub keys: usize,
    /// The duration on the virtual clock.
    pub length: Duration,
    /// How long an app instance waits between two requests, on average.
    pub ask_every: Duration,
    /// When tokens end and are due.
    pub lifetimes: Lifetimes,
    /// Determines everything that is random.
    pub seed: u64,
}

impl Config {
    /// The requests that no client can do without.
    pub fn minimum(&self) -> u64 {
        requests(self.keys, self.length, self.lifetimes)
    }
}

/// What a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// The hosts share a store.
    Store,
    /// Each host has its own cache alone.
    Nothing,
}

/// Runs a fleet, on a paused clock of its own. `each_hour` is called with the number of hours.
///
/// # Errors
/// When a provider does not start.
pub fn run(config: Config, scenario: Scenario, sharing: Sharing, each_hour: &dyn Fn(u64)) -> Result<Figures> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async {
        let plan = scenario.plan(config.hosts, config.length, config.seed);
        let world = Arc::new(world(config, &plan, sharing));
        let mut hosts = start(&world, &plan);
        for hour in 1..=config.length.as_secs().div_ceil(3600) {
            let until = config.length.min(Duration::from_secs(hour * 3600));
            tokio::time::sleep(until.saturating_sub(world.clock.elapsed())).await;
            each_hour(hour);
        }
        while let Some(ended) = hosts.join_next().await {
            ended.map_err(|error| anyhow!("a host panicked: {error}"))??;
        }
        Ok(figures(&world))
    })
}

fn world(config: Config, plan: &Plan, sharing: Sharing) -> World {
    let Config { instances, keys, ask_every, lifetimes, seed, .. } = config;
    let clock = Clock::simulated();
    let upstream = Upstream::new(clock.clone(), lifetimes, plan.throttled.clone());
    let store = || MemoryStore::new(clock.clone(), plan.store.clone(), Random::new(seed, STORE));
    World {
        keys,
        instances,
        ask_every,
        seed,
        upstream: Arc::new(upstream),
        store: (sharing == Sharing::Store).then(store),
        clock,
        figures: Default::default(),
    }
}

/// Starts a task for each machine of the plan.
fn start(world: &Arc<World>, plan: &Plan) -> JoinSet<Result<()>> {
    let mut hosts = JoinSet::new();
    let mut id = 0;
    for slot in &plan.hosts {
        for life in &slot.lives {
            hosts.spawn(live(Arc::clone(world), id, *life, slot.skew));
            id += 1;
        }
    }
    hosts
}

fn figures(world: &World) -> Figures {
    let mut figures = std::mem::take(&mut *world.figures.lock().unwrap_or_else(PoisonError::into_inner));
    figures.requests = world.upstream.take_requests();
    // The order of tasks in one millisecond is the scheduler's, which yields by the real time.
    figures.requests.sort_by_key(|request| (request.at, request.key));
    figures.store = world.store.as_ref().map(MemoryStore::figures).unwrap_or_default();
    figures
}

/// The user of the seed that is no host.
const STORE: u64 = u64::MAX - 1;
