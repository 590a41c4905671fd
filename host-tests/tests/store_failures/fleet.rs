//! Hosts that share tokens on a server, and what an app gets on one of them.

use crate::failure::Failure;
use crate::machine::{Machine, STORAGE, VAULT};
use crate::server::Server;
use crate::stored;
use crate::warnings::Warnings;
use anyhow::{Context, Result, ensure};
use azure_identity_wasmtime::{
    EntryKind, ErrorKind, KeyRing, Partition, SharedCache, SharedStore, StoreFuture, StoredEntry,
    TokenRequest, Version,
};
use azure_simulator::Settings;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, FaultSettings, TENANT_ID};
use host_tests::clock::WALL_CLOCK_READ_IN;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What the host has without the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    EntraUp,
    EntraDown,
    TokenHeldAndEntraDown,
}

impl Situation {
    pub const ALL: [Self; 3] = [Self::EntraUp, Self::EntraDown, Self::TokenHeldAndEntraDown];

    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::EntraUp => "no token; Entra up",
            Self::EntraDown => "no token; Entra down",
            Self::TokenHeldAndEntraDown => "a token that ends soon; Entra down",
        }
    }
}

/// What an app got, and what that cost.
#[derive(Debug, PartialEq, Eq)]
pub struct Cell {
    outcome: Outcome,
    pub requests: usize,
    pub warnings: usize,
    failed_calls: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    StoredToken,
    NewToken,
    HeldToken,
    Error(ErrorKind),
}

impl Cell {
    pub fn is_token(&self) -> bool {
        !matches!(self.outcome, Outcome::Error(_))
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match &self.outcome {
            Outcome::StoredToken => "the stored token".to_owned(),
            Outcome::NewToken => "a new token".to_owned(),
            Outcome::HeldToken => "the token it has".to_owned(),
            Outcome::Error(kind) => format!("the error {kind:?}").to_lowercase(),
        };
        let Self { requests, warnings, failed_calls, .. } = self;
        write!(f, "{outcome:<22} {requests}         {warnings}         {failed_calls}")
    }
}

/// What an app gets on a host, after another host has stored a token and the store has got into trouble.
pub async fn run(
    mut server: Server,
    failure: Failure,
    situation: Situation,
    warnings: &Warnings,
) -> Result<Cell> {
    let first = host(&server, KEYS, "orders", Settings::default()).await?;
    let stored = first.machine.token(VAULT).await;
    ensure!(!stored::records(&server)?.is_empty(), "the first host did not store its token");
    let settings = match situation {
        Situation::EntraUp => Settings::default(),
        Situation::EntraDown | Situation::TokenHeldAndEntraDown => down(),
    };
    let host = host(&server, KEYS, "orders", settings).await?;
    // It has its connection before the trouble begins.
    host.store.get(EntryKind::Token, "none").await?;
    if situation == Situation::TokenHeldAndEntraDown {
        assert_eq!(host.machine.token(VAULT).await, stored);
        // Its last five minutes: a renewal that fails keeps the token.
        host.machine.clock.jump(i64::try_from(Settings::default().lifetimes.application)? - 240);
        tokio::time::sleep(WALL_CLOCK_READ_IN).await;
    }
    inject(&mut server, failure, &host).await?;
    warnings.take();

    let began = Instant::now();
    let outcome = host.machine.ask(TokenRequest::new(VAULT)).await;
    let waited = began.elapsed();
    let requests = host.machine.sent().len();
    let cell = Cell {
        outcome: match outcome {
            // The simulated Entra issues the same text again.
            Ok(_) if situation == Situation::EntraUp && requests > 0 => Outcome::NewToken,
            Ok(_) if situation == Situation::TokenHeldAndEntraDown => Outcome::HeldToken,
            Ok(_) => Outcome::StoredToken,
            Err(error) => Outcome::Error(error.kind),
        },
        requests,
        warnings: warnings.take().len(),
        failed_calls: host.machine.provider.metrics().shared_failures,
    };
    let bound = DEADLINE * u32::try_from(cell.failed_calls)? + Duration::from_secs(2);
    assert!(waited < bound, "{failure:?}, {situation:?}: {waited:?}, {cell:?}");
    Ok(cell)
}

/// Gets the store into trouble.
async fn inject(server: &mut Server, failure: Failure, host: &Host) -> Result<()> {
    match failure {
        Failure::None => {}
        Failure::Slow => host.store.is_slow.store(true, Ordering::Relaxed),
        Failure::Frozen => server.process().freeze()?,
        Failure::Down => server.process().kill(),
        Failure::Full => {
            stored::fill(server)?;
            ensure!(!stored::records(server)?.is_empty(), "the record was evicted");
        }
        Failure::FullAndEmpty => {
            server.flush()?;
            stored::fill(server)?;
        }
        Failure::Flushed => server.flush()?,
        Failure::Garbage => overwrite(server, |_| vec![0xA5; 2000])?,
        Failure::Truncated => overwrite(server, |record| record[..record.len() / 2].to_vec())?,
        Failure::OneBitChanged => overwrite(server, |mut record| {
            *record.last_mut().expect("it is not empty") ^= 1;
            record
        })?,
        Failure::AnotherVersion => overwrite(server, |mut record| {
            record[0] += 1;
            record
        })?,
        Failure::PlainText => {
            overwrite(server, |_| br#"{"token":"eyJ0eXAi","expires_on":4102444800}"#.to_vec())?
        }
        // A host of the same partition replaces a record that it cannot read.
        Failure::AnotherKey => drop(store_a_token(server, OTHER_ID, "orders", VAULT).await?),
        Failure::AnotherKeyOfTheSameId => drop(store_a_token(server, OTHER_KEY, "orders", VAULT).await?),
        Failure::AnotherPartition => {
            let value = store_a_token(server, KEYS, "billing", VAULT).await?;
            overwrite(server, |_| value.clone())?;
        }
        Failure::AnotherScope => {
            let value = store_a_token(server, KEYS, "orders", STORAGE).await?;
            overwrite(server, |_| value.clone())?;
        }
    }
    Ok(())
}

/// Overwrites all records.
fn overwrite(server: &Server, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Result<()> {
    stored::records(server)?
        .into_iter()
        .try_for_each(|(key, value)| stored::write(server, &key, &change(value)))
}

/// Lets another host store a token. Returns its record.
async fn store_a_token(server: &Server, keys: &str, partition: &str, scope: &str) -> Result<Vec<u8>> {
    let before = stored::records(server)?;
    host(server, keys, partition, Settings::default()).await?.machine.token(scope).await;
    let mut after: BTreeMap<_, _> = stored::records(server)?;
    after.retain(|key, value| before.get(key) != Some(value));
    after.into_values().next().context("the host stores its token")
}

/// A host of the fleet.
struct Host {
    machine: Machine,
    store: Arc<Throttle>,
}

async fn host(server: &Server, keys: &str, partition: &str, settings: Settings) -> Result<Host> {
    let store = Arc::new(Throttle { store: server.store()?, is_slow: AtomicBool::new(false) });
    let (keys, partition) = (KeyRing::parse(keys)?, Partition::parse(partition)?);
    let shared = SharedCache::new(Slowed(Arc::clone(&store)), partition, keys).deadline(DEADLINE);
    let machine = Machine::start_with(settings, |builder| {
        let builder = builder.env("AZURE_TENANT_ID", TENANT_ID).env("AZURE_CLIENT_ID", CLIENT_ID);
        builder.env("AZURE_CLIENT_SECRET", CLIENT_SECRET).shared_cache(shared)
    });
    Ok(Host { machine: machine.await?, store })
}

/// Microsoft Entra without a token for anyone, and with a wait that no call waits for.
fn down() -> Settings {
    let fault = FaultSettings {
        status: Some(503),
        headers: BTreeMap::from([("Retry-After".to_owned(), "3600".to_owned())]),
        ..FaultSettings::default()
    };
    Settings { faults: vec![fault], ..Settings::default() }
}

/// A store that can be made slow.
struct Throttle {
    store: Arc<dyn SharedStore>,
    is_slow: AtomicBool,
}

impl Throttle {
    async fn get(&self, kind: EntryKind, name: &str) -> Result<Option<StoredEntry>> {
        Ok(self.store.get(kind, name).await?)
    }

    async fn pause(&self) {
        if self.is_slow.load(Ordering::Relaxed) {
            tokio::time::sleep(DEADLINE * 3 / 2).await;
        }
    }
}

struct Slowed(Arc<Throttle>);

impl SharedStore for Slowed {
    fn get<'a>(&'a self, kind: EntryKind, name: &'a str) -> StoreFuture<'a, Option<StoredEntry>> {
        Box::pin(async move {
            self.0.pause().await;
            self.0.store.get(kind, name).await
        })
    }

    fn create<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        Box::pin(async move {
            self.0.pause().await;
            self.0.store.create(kind, name, value, expires_in).await
        })
    }

    fn replace<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        version: &'a Version,
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        Box::pin(async move {
            self.0.pause().await;
            self.0.store.replace(kind, name, value, version, expires_in).await
        })
    }

    fn remove<'a>(&'a self, kind: EntryKind, name: &'a str, version: &'a Version) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.0.pause().await;
            self.0.store.remove(kind, name, version).await
        })
    }
}

/// Longer than the default, so that a busy machine fails no call.
const DEADLINE: Duration = Duration::from_secs(1);

const KEYS: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
const OTHER_ID: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= b=AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";
const OTHER_KEY: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";
