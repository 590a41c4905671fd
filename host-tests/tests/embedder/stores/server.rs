//! A server of a test's own, of either kind, and a store on it.

use anyhow::Result;
use azure_identity_wasmtime::{NatsStore, RedisStore, SharedStore, StoreError};
use host_tests::nats_server::NatsServer;
use host_tests::redis_server::RedisServer;
use host_tests::server_process::ServerProcess;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The server.
pub enum Server {
    Redis(RedisServer),
    Nats(NatsServer),
}

impl Server {
    /// `None`: it is not installed, and the test is skipped.
    pub fn redis() -> Result<Option<Self>> {
        Ok(RedisServer::start()?.map(Self::Redis))
    }

    /// `None`: it is not installed, and the test is skipped.
    pub fn nats() -> Result<Option<Self>> {
        Ok(NatsServer::start()?.map(Self::Nats))
    }

    /// A store with the default options.
    pub fn store(&self) -> Result<Arc<dyn SharedStore>> {
        Ok(match self {
            Self::Redis(redis) => Arc::new(RedisStore::builder(redis.url()).build()?),
            Self::Nats(nats) => Arc::new(NatsStore::builder(nats.url()).build()?),
        })
    }

    pub fn process(&mut self) -> &mut ServerProcess {
        match self {
            Self::Redis(redis) => redis.process(),
            Self::Nats(nats) => nats.process(),
        }
    }

    pub fn flush(&self) -> Result<()> {
        match self {
            Self::Redis(redis) => redis.flush(),
            Self::Nats(nats) => nats.flush(),
        }
    }
}

/// Repeats a call until it succeeds, for at most 3 s: a store that works again within a second or two passes on a busy
/// machine as well.
pub async fn eventually<T>(call: impl AsyncFn() -> Result<T, StoreError>) -> Result<T> {
    let began = Instant::now();
    loop {
        match tokio::time::timeout(Duration::from_millis(200), call()).await {
            Ok(Ok(value)) => return Ok(value),
            outcome if began.elapsed() > Duration::from_secs(3) => {
                let outcome = outcome.map(|result| result.err());
                anyhow::bail!("after {:?} the store still does not work: {outcome:?}", began.elapsed())
            }
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Makes two tests of each function, one for each kind of server.
macro_rules! on_every_server {
    ($($test:ident)*) => {
        mod redis {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() -> anyhow::Result<()> {
                let Some(server) = super::super::server::Server::redis()? else { return Ok(()) };
                super::$test(server).await
            })*
        }
        mod nats {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() -> anyhow::Result<()> {
                let Some(server) = super::super::server::Server::nats()? else { return Ok(()) };
                super::$test(server).await
            })*
        }
    };
}
pub(super) use on_every_server;
