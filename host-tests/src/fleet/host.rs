//! One host: a provider with an empty cache, and app instances that ask it for tokens.

use crate::clock::Clock;
use crate::fleet::figures::Figures;
use crate::fleet::memory_store::MemoryStore;
use crate::fleet::provider;
use crate::fleet::random::Random;
use crate::fleet::scenario::Window;
use crate::fleet::upstream::{Route, Upstream, resource};
use crate::network::NetworkHooks;
use anyhow::Result;
use azure_identity_wasmtime::{AccessToken, CredentialError, Provider, TokenRequest};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// What all hosts of a run have in common.
pub struct World {
    pub clock: Clock,
    pub keys: usize,
    /// The number of app instances of a host.
    pub instances: usize,
    /// How long an app instance waits between two requests, on average.
    pub ask_every: Duration,
    pub upstream: Arc<Upstream>,
    /// `None`: the hosts share nothing.
    pub store: Option<MemoryStore>,
    pub seed: u64,
    pub figures: Mutex<Figures>,
}

/// Runs a host during a part of the run. `id` is unique in the run, `skew` is by how many seconds its clock is fast.
///
/// # Errors
/// When its provider does not start.
pub async fn live(world: Arc<World>, id: u64, life: Window, skew: i64) -> Result<()> {
    tokio::time::sleep(life.from.saturating_sub(world.clock.elapsed())).await;
    let provider = start(&world, id, skew).await?;
    let mut apps = JoinSet::new();
    for number in 0..world.instances as u64 {
        let random = Random::new(world.seed, id << 32 | number);
        apps.spawn(ask(Arc::clone(&world), provider.clone(), random));
    }
    tokio::time::sleep(life.to.saturating_sub(world.clock.elapsed())).await;
    apps.shutdown().await;
    provider.shutdown(Duration::ZERO).await;
    Ok(())
}

/// The requests of one app instance.
async fn ask(world: Arc<World>, provider: Provider, mut random: Random) {
    tokio::time::sleep(random.between(Duration::ZERO, STARTING)).await;
    loop {
        let key = random.below(world.keys as u64) as usize;
        let began = world.clock.elapsed();
        let outcome = provider.get_token(TokenRequest::new(format!("{}/.default", resource(key)))).await;
        world.record(key, world.clock.elapsed() - began, outcome);
        tokio::time::sleep(random.between(world.ask_every / 2, world.ask_every * 3 / 2)).await;
    }
}

impl World {
    fn record(&self, key: usize, wait: Duration, outcome: Result<Arc<AccessToken>, CredentialError>) {
        let mut figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        figures.waits.add(wait);
        match outcome {
            Ok(token) => figures.ended_tokens += u64::from(token.expires_on <= self.clock.now()),
            Err(error) => {
                figures.errors += 1;
                if self.upstream.has_good_token(key) {
                    figures.avoidable_errors += 1;
                    let at = self.clock.elapsed();
                    figures.first_avoidable.get_or_insert_with(|| format!("after {at:?}: {}", error.message));
                }
            }
        }
    }
}

/// A provider with an empty cache.
async fn start(world: &World, id: u64, skew: i64) -> Result<Provider> {
    let (monotonic, wall) = (world.clock.clone(), world.clock.apart());
    wall.jump(skew);
    let random = |user: u32| Random::new(world.seed, id << 32 | u64::from(u32::MAX - user));
    let network = Arc::new(Route::new(Arc::clone(&world.upstream), random(0)));
    let of_guest = random(1);
    let builder = provider::builder("http://169.254.169.254")
        .pool_size(1)
        .http_client(move || NetworkHooks(network.clone()))
        .wall_clock(move || wasmtime_wasi::HostWallClock::now(&wall))
        .customize_wasi(move |wasi| {
            wasi.monotonic_clock(monotonic.clone()).secure_random(of_guest.clone());
            wasi.allow_blocking_current_thread(true);
        });
    let builder = match &world.store {
        Some(store) => {
            let jitter = Mutex::new(random(3));
            let next = move || jitter.lock().unwrap_or_else(PoisonError::into_inner).next();
            builder.shared_cache(provider::shared_cache(store.for_host(random(2)))?.jitter(next))
        }
        None => builder,
    };
    provider::load(builder, provider::compiled()?).await
}

/// Within what time after the start of its host an app instance asks for its first token.
const STARTING: Duration = Duration::from_millis(100);
