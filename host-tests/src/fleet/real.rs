//! Real processes on loopback: a real store, the simulated Azure as a server, and the embedder's crate in each process.

mod service;
mod store_server;
mod worker_process;

pub use store_server::StoreKind;

use crate::clock::WALL_CLOCK_READ_IN;
use crate::fleet::messages::{Asked, Command, Reply};
use crate::fleet::provider;
use crate::fleet::worker::Start;
use anyhow::{Result, bail};
use service::{REFRESH_IN, Service};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store_server::StoreServer;
use worker_process::WorkerProcess;

/// The size of a fleet of processes.
#[derive(Clone, Debug)]
pub struct Config {
    /// The program that runs a worker when it is started with `--worker`.
    pub program: PathBuf,
    /// The number of processes.
    pub processes: usize,
    /// The number of app instances of each.
    pub instances: usize,
    /// The number of tokens that they ask for.
    pub keys: usize,
    /// How often the tokens become due.
    pub renewals: usize,
    /// The store.
    pub store: StoreKind,
    /// How long the service takes for a response.
    pub delay: Duration,
    /// How long a call of the store may take, before a process goes on without it.
    pub deadline: Duration,
}

/// What was counted.
#[derive(Clone, Debug)]
pub struct Figures {
    /// When all processes asked for their first tokens.
    pub first: Phase,
    /// Each time that all tokens were due.
    pub renewals: Vec<Phase>,
    /// When the process that requested a token was killed.
    pub killed: Killed,
}

/// What happened when all app instances of all processes asked for all tokens at once.
#[derive(Clone, Debug, Default)]
pub struct Phase {
    /// The requests to the service, by key.
    pub requests: BTreeMap<usize, u64>,
    /// The number of different tokens that the apps got.
    pub tokens: usize,
    /// The longest wait for a token.
    pub max_wait: Duration,
    /// The errors of app instances.
    pub errors: Vec<String>,
    /// Which calls of the store failed: each costs requests, and no error.
    pub store_failures: Vec<String>,
}

/// What happened when all app instances asked for one token, and the process that requested it was killed.
#[derive(Clone, Debug)]
pub struct Killed {
    /// The requests for the token, including that of the killed process.
    pub requests: u64,
    /// How long the app instances of the other processes waited after the kill, at most.
    pub waited: Duration,
    /// The errors of app instances.
    pub errors: Vec<String>,
}

impl Phase {
    /// The number of all requests.
    pub fn total(&self) -> u64 {
        self.requests.values().sum()
    }
}

/// Runs a fleet of processes. `None`: the store's server is not installed. `each_phase` is called with what begins.
///
/// # Errors
/// When a process does not start, ends, or does not reply.
pub fn run(config: &Config, each_phase: &dyn Fn(&str)) -> Result<Option<Figures>> {
    let Some(store) = StoreServer::start(config.store)? else { return Ok(None) };
    let folder = tempfile::tempdir()?;
    let compiled = folder.path().join("provider.cwasm");
    std::fs::write(&compiled, provider::compiled()?)?;

    each_phase("the first tokens");
    let service = Service::start(config.keys, config.delay, Duration::ZERO)?;
    let mut workers = start_workers(config, &store, &service, &compiled)?;
    let first = ask_all(&mut workers, &service, config.keys)?;
    let mut renewals = Vec::new();
    for number in 1..=config.renewals {
        each_phase(&format!("renewal {number}"));
        jump(&mut workers, &service)?;
        renewals.push(ask_all(&mut workers, &service, config.keys)?);
    }
    drop(workers);

    each_phase("the process that requests a token is killed");
    store.flush()?;
    let service = Service::start(1, config.delay, HANGS)?;
    let killed = kill_one(start_workers(config, &store, &service, &compiled)?, &service)?;
    Ok(Some(Figures { first, renewals, killed }))
}

fn start_workers(
    config: &Config,
    store: &StoreServer,
    service: &Service,
    compiled: &Path,
) -> Result<Vec<WorkerProcess>> {
    let (instances, compiled, deadline) = (config.instances, compiled.to_owned(), config.deadline);
    let start = Start { store: store.url(), imds: service.url(), compiled, instances, deadline };
    let workers = (0..config.processes).map(|_| WorkerProcess::start(&config.program, &start));
    let workers = workers.collect::<Result<Vec<_>>>()?;
    for worker in &workers {
        match worker.reply()? {
            Reply::Ready => {}
            other => bail!("a worker that starts said {other:?}"),
        }
    }
    Ok(workers)
}

/// All app instances of all workers ask for all keys at once.
fn ask_all(workers: &mut [WorkerProcess], service: &Service, keys: usize) -> Result<Phase> {
    let before = service.requests();
    workers.iter_mut().try_for_each(|worker| worker.send(&Command::Ask { keys }))?;
    let asked = workers.iter().map(asked).collect::<Result<Vec<_>>>()?;
    let since = |(key, count): (usize, u64)| (key, count - before.get(&key).copied().unwrap_or_default());
    let mut tokens: Vec<_> = asked.iter().flat_map(|asked| &asked.tokens).collect();
    tokens.sort_unstable();
    tokens.dedup();
    Ok(Phase {
        requests: service.requests().into_iter().map(since).collect(),
        tokens: tokens.len(),
        max_wait: asked.iter().map(|asked| asked.max_wait).max().unwrap_or_default(),
        store_failures: asked.iter().flat_map(|asked| asked.store_failures.clone()).collect(),
        errors: asked.into_iter().flat_map(|asked| asked.errors).collect(),
    })
}

/// What the app instances of a worker got.
fn asked(worker: &WorkerProcess) -> Result<Asked> {
    loop {
        match worker.reply()? {
            Reply::Asked(asked) => return Ok(asked),
            Reply::Requests => {}
            other => bail!("a worker that was to ask said {other:?}"),
        }
    }
}

/// Sets all clocks forward, so that each host considers each token due.
fn jump(workers: &mut [WorkerProcess], service: &Service) -> Result<()> {
    let seconds = i64::try_from(REFRESH_IN + MAX_SPREAD)?;
    service.clock.jump(seconds);
    for worker in workers {
        worker.send(&Command::Jump(seconds))?;
        worker.reply()?;
    }
    std::thread::sleep(WALL_CLOCK_READ_IN);
    Ok(())
}

/// All app instances ask for one token. The service does not respond to the first request, and its process is killed.
fn kill_one(mut workers: Vec<WorkerProcess>, service: &Service) -> Result<Killed> {
    let began = Instant::now();
    workers.iter_mut().try_for_each(|worker| worker.send(&Command::Ask { keys: 1 }))?;
    let owner = owner(&workers)?;
    // In the middle of its request, after it has extended its lease.
    std::thread::sleep(KILLED_AFTER);
    workers.swap_remove(owner).kill()?;
    let killed = began.elapsed();
    let asked = workers.iter().map(asked).collect::<Result<Vec<_>>>()?;
    let max_wait = asked.iter().map(|asked| asked.max_wait).max().unwrap_or_default();
    Ok(Killed {
        requests: service.requests().values().sum(),
        waited: max_wait.saturating_sub(killed),
        errors: asked.into_iter().flat_map(|asked| asked.errors).collect(),
    })
}

/// The worker that requests a token.
fn owner(workers: &[WorkerProcess]) -> Result<usize> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        for (number, worker) in workers.iter().enumerate() {
            if let Some(Reply::Requests) = worker.reply_within(Duration::from_millis(1))? {
                return Ok(number);
            }
        }
    }
    bail!("no worker requests a token")
}

/// By how many seconds hosts spread a renewal, at most (`azure_token_cache::renewal`), and one more.
const MAX_SPREAD: u64 = 121;
/// For how long the service does not respond to the process that is killed.
const HANGS: Duration = Duration::from_secs(60);
const KILLED_AFTER: Duration = Duration::from_millis(1200);
