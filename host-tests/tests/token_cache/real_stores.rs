//! A Redis and a NATS server behind `wasi:keyvalue`, as a host has them.

use anyhow::Result;
use async_nats::jetstream::kv;
use host_tests::key_value::{Call, Calling, KeyValueStore, StoreError};
use host_tests::nats_server::NatsServer;
use host_tests::redis_server::RedisServer;
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use std::sync::Arc;
use std::time::Duration;

/// A store of the test, and its server.
pub struct RealStore {
    pub name: &'static str,
    pub server: Server,
    pub store: Arc<dyn KeyValueStore>,
}

/// The server of a store. Dropping it kills it.
pub enum Server {
    Redis(RedisServer),
    Nats(NatsServer),
}

impl RealStore {
    /// Starts a store of each kind whose server is installed.
    pub async fn start_all() -> Result<Vec<Self>> {
        let mut stores = Vec::new();
        if let Some(server) = RedisServer::start()? {
            let client = redis::Client::open(server.url())?;
            let connection = client.get_multiplexed_async_connection().await?;
            let store = Arc::new(RedisBucket(connection));
            stores.push(Self { name: "Redis", server: Server::Redis(server), store });
        }
        if let Some(server) = NatsServer::start()? {
            let store = Arc::new(NatsBucket(bucket(&server).await?));
            stores.push(Self { name: "NATS", server: Server::Nats(server), store });
        }
        Ok(stores)
    }

    /// Everything that the server holds.
    pub fn dump(&self) -> Result<Vec<u8>> {
        match &self.server {
            Server::Redis(server) => server.dump(),
            Server::Nats(server) => server.dump(),
        }
    }

    /// Removes all entries.
    pub fn flush(&self) -> Result<()> {
        match &self.server {
            Server::Redis(server) => server.flush(),
            Server::Nats(server) => server.flush(),
        }
    }

    /// Lets the server refuse everything that needs memory.
    pub fn fill(&self) -> Result<()> {
        match &self.server {
            Server::Redis(server) => server.command(&["CONFIG", "SET", "maxmemory", "1"]).map(drop),
            Server::Nats(server) => {
                let mut config =
                    server.request("STREAM.INFO.KV_default", &serde_json::json!({}))?["config"].clone();
                config["max_bytes"] = 1.into();
                config["discard"] = "new".into();
                server.request("STREAM.UPDATE.KV_default", &config).map(drop)
            }
        }
    }

    /// Stops the server's answers.
    pub fn freeze(&mut self) -> Result<()> {
        match &mut self.server {
            Server::Redis(server) => server.process().freeze(),
            Server::Nats(server) => server.process().freeze(),
        }
    }

    /// Ends the server.
    pub fn kill(&mut self) {
        match &mut self.server {
            Server::Redis(server) => server.process().kill(),
            Server::Nats(server) => server.process().kill(),
        }
    }
}

struct RedisBucket(MultiplexedConnection);

impl KeyValueStore for RedisBucket {
    fn call<'a>(&'a self, call: Call<'a>) -> Calling<'a> {
        let mut redis = self.0.clone();
        in_time(async move {
            match call {
                Call::Open("default") => Ok(None),
                Call::Open(_) => Err(StoreError::NoSuchStore),
                Call::Get(name) => redis.get(name).await.map_err(other),
                Call::Set(name, value) => redis.set(name, value).await.map(|()| None).map_err(other),
                Call::Delete(name) => redis.del(name).await.map(|()| None).map_err(other),
            }
        })
    }
}

struct NatsBucket(kv::Store);

impl KeyValueStore for NatsBucket {
    fn call<'a>(&'a self, call: Call<'a>) -> Calling<'a> {
        in_time(async move {
            match call {
                Call::Open("default") => Ok(None),
                Call::Open(_) => Err(StoreError::NoSuchStore),
                Call::Get(name) => self.0.get(name).await.map(|it| it.map(Into::into)).map_err(other),
                Call::Set(name, value) => {
                    self.0.put(name, value.to_vec().into()).await.map(|_| None).map_err(other)
                }
                Call::Delete(name) => self.0.purge(name).await.map(|()| None).map_err(other),
            }
        })
    }
}

/// A bucket as clients make it (NATS ADR-8). `create_key_value` of this client reads limits first that Debian's server lacks.
async fn bucket(server: &NatsServer) -> Result<kv::Store> {
    let stream = serde_json::json!({
        "name": "KV_default", "subjects": ["$KV.default.>"], "max_msgs_per_subject": 1, "discard": "new",
        "allow_rollup_hdrs": true, "deny_delete": true, "storage": "file", "num_replicas": 1,
    });
    server.request("STREAM.CREATE.KV_default", &stream)?;
    let jetstream = async_nats::jetstream::new(async_nats::connect(server.url()).await?);
    Ok(jetstream.get_key_value("default").await?)
}

/// Ends a call after a second, as the hosts do after five or ten.
fn in_time<'a>(call: impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send + 'a) -> Calling<'a> {
    Box::pin(async {
        let in_time = tokio::time::timeout(Duration::from_secs(1), call).await;
        in_time.unwrap_or_else(|_| Err(StoreError::Other("timed out".to_owned())))
    })
}

fn other(error: impl std::fmt::Display) -> StoreError {
    StoreError::Other(error.to_string())
}
