//! The store of real processes: a Redis or a NATS server of the program's own.

use crate::nats_server::NatsServer;
use crate::redis_server::RedisServer;
use anyhow::Result;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// Redis.
    Redis,
    /// NATS with JetStream.
    Nats,
}

/// A server. Dropping it kills it.
pub enum StoreServer {
    Redis(RedisServer),
    Nats(NatsServer),
}

impl StoreServer {
    /// Starts a server; `None`: it is not installed.
    pub fn start(kind: StoreKind) -> Result<Option<Self>> {
        Ok(match kind {
            StoreKind::Redis => RedisServer::start()?.map(Self::Redis),
            StoreKind::Nats => NatsServer::start()?.map(Self::Nats),
        })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        match self {
            Self::Redis(server) => server.url(),
            Self::Nats(server) => server.url(),
        }
    }

    /// Removes all entries.
    pub fn flush(&self) -> Result<()> {
        match self {
            Self::Redis(server) => server.flush(),
            Self::Nats(server) => server.flush(),
        }
    }
}
