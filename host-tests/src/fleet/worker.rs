//! A process of the fleet: a provider and its app instances, which do what the program tells them.

use crate::clock::Clock;
use crate::fleet::messages::{Asked, Command, Reply};
use crate::fleet::observed_store::{Failures, ObservedStore};
use crate::fleet::provider;
use crate::fleet::upstream::resource;
use anyhow::{Context, Result};
use azure_identity_wasmtime::{NatsStore, Provider, ProviderBuilder, RedisStore, TokenRequest};
use futures_util::future::join_all;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, Write, stdin, stdout};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a worker process is started with.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Start {
    /// The URL of the store: `redis:` or `nats:`.
    pub store: String,
    /// The address of the IMDS.
    pub imds: String,
    /// The provider's component, compiled.
    pub compiled: PathBuf,
    /// The number of app instances.
    pub instances: usize,
    /// How long a call of the store may take.
    pub deadline: Duration,
}

/// Does what standard input says until it ends, and replies on standard output.
///
/// # Errors
/// When the provider does not start, or a message is not understood.
pub fn run(start: &Start) -> Result<()> {
    // With a thread for what goes on between two commands, such as the connection to the store.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let clock = Clock::real();
    let failures = Failures::default();
    let provider = runtime.block_on(load(start, clock.clone(), failures.clone()))?;
    let worker = Worker { provider, clock, instances: start.instances, failures };
    reply(&Reply::Ready)?;
    for line in stdin().lock().lines() {
        match serde_json::from_str(&line?).context("a command is malformed")? {
            Command::Ask { keys } => reply(&Reply::Asked(runtime.block_on(worker.ask(keys))?))?,
            Command::Jump(seconds) => {
                worker.clock.jump(seconds);
                reply(&Reply::Jumped)?;
            }
        }
    }
    Ok(())
}

async fn load(start: &Start, clock: Clock, failures: Failures) -> Result<Provider> {
    let compiled = std::fs::read(&start.compiled).context("cannot read the compiled component")?;
    let builder = provider::builder(&start.imds);
    let builder = builder.wall_clock(move || wasmtime_wasi::HostWallClock::now(&clock));
    provider::load(with_store(builder, start, failures)?, &compiled).await
}

fn with_store(builder: ProviderBuilder, start: &Start, failures: Failures) -> Result<ProviderBuilder> {
    let url = start.store.as_str();
    let shared = if url.starts_with("redis:") {
        provider::shared_cache(ObservedStore::new(RedisStore::builder(url).build()?, failures))?
    } else {
        provider::shared_cache(ObservedStore::new(NatsStore::builder(url).build()?, failures))?
    };
    Ok(builder.shared_cache(shared.deadline(start.deadline)))
}

fn reply(reply: &Reply) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{}", serde_json::to_string(reply)?)?;
    Ok(out.flush()?)
}

struct Worker {
    provider: Provider,
    clock: Clock,
    instances: usize,
    failures: Failures,
}

impl Worker {
    /// All app instances ask at once. Returns when they have their tokens and nothing is renewed any more.
    async fn ask(&self, keys: usize) -> Result<Asked> {
        let calls = self.provider.metrics().calls;
        let asks = (0..self.instances).flat_map(|_| 0..keys).map(async |key| {
            let began = Instant::now();
            let token =
                self.provider.get_token(TokenRequest::new(format!("{}/.default", resource(key)))).await;
            (key, token.map(|token| hash(token.secret())).map_err(|error| error.message), began.elapsed())
        });
        let asked = join_all(asks);
        tokio::pin!(asked);
        let outcomes = tokio::select! {
            biased;
            outcomes = &mut asked => outcomes,
            () = self.until(|provider| provider.metrics().calls > calls) => {
                reply(&Reply::Requests)?;
                asked.await
            }
        };
        self.until(|provider| provider.metrics().in_flight == 0).await;
        let mut asked =
            Asked { tokens: vec![0; keys], store_failures: self.failures.take(), ..Asked::default() };
        for (key, outcome, wait) in outcomes {
            asked.max_wait = asked.max_wait.max(wait);
            match outcome {
                Ok(token) => asked.tokens[key] = token,
                Err(error) => asked.errors.push(error),
            }
        }
        Ok(asked)
    }

    /// Waits for a state of the provider.
    async fn until(&self, is_reached: impl Fn(&Provider) -> bool) {
        while !is_reached(&self.provider) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

fn hash(token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}
