//! Redis and Valkey as a store that hosts share.

mod address;
mod connection;

use self::address::Address;
use self::connection::Connection;
use super::store::{EntryKind, SharedStore, StoreError, StoreFuture, StoredEntry, Version};
use super::tls::TlsSettings;
use redis::{Cmd, Value};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// A Redis server (6 or newer) or a Valkey server as the store that hosts share.
///
/// All hosts send their commands to one server, by one connection each, which is opened in the background and opened again
/// when it is lost. A server that is down or does not respond delays no start of a host and no other call than the one
/// that needs it. A Redis Cluster whose clients have to follow its redirects is not supported; one behind a proxy (the
/// Enterprise policy of Azure Managed Redis) is.
///
/// An entry is a string with an expiry (`PX`). It is created with `SET … NX`, and a script on the server compares its value
/// before it is replaced or removed: the version of an entry is its value. The user needs the commands `GET`, `SET`, `DEL`, `EVAL` and `EVALSHA` on the keys
/// that begin with the prefix.
///
/// # Examples
/// ```no_run
/// # use azure_identity_wasmtime::{RedisStore, StoreError};
/// # fn store(password: &str) -> Result<RedisStore, StoreError> {
/// RedisStore::builder(format!("rediss://tokens:{password}@cache.contoso.com:6380")).build()
/// # }
/// ```
pub struct RedisStore {
    connection: Arc<Connection>,
    key_prefix: String,
}

/// The options of a [`RedisStore`].
#[must_use]
pub struct RedisStoreBuilder {
    url: String,
    key_prefix: String,
    tls: TlsSettings,
}

impl RedisStore {
    /// A store on the server with this URL: `redis://host:port/database`, or `rediss://` for TLS. Port and database are
    /// 6379 and 0 unless the URL names them. It may have a user and a password (`redis://user:password@host`), or a password
    /// alone (`redis://:password@host`), with percent-encoding.
    pub fn builder(url: impl Into<String>) -> RedisStoreBuilder {
        let key_prefix = "azure-token-cache:".to_owned();
        RedisStoreBuilder { url: url.into(), key_prefix, tls: TlsSettings::default() }
    }

    fn key(&self, kind: EntryKind, name: &str) -> String {
        let kind = match kind {
            EntryKind::Token => "token",
            EntryKind::Lease => "lease",
        };
        format!("{}{kind}:{name}", self.key_prefix)
    }

    /// Runs a script on one key. Whether it changed the key.
    async fn run(&self, script: &Script, key: &str, arguments: &[&[u8]]) -> Result<bool, StoreError> {
        let command = |name: &str, script: &str| {
            let mut command = redis::cmd(name);
            command.arg(script).arg(1).arg(key).arg(arguments);
            command
        };
        let result = match self.connection.query(&command("EVALSHA", &script.hash)).await? {
            // The server has not seen the script since it started.
            Value::ServerError(error) if error.code() == "NOSCRIPT" => {
                self.connection.query(&command("EVAL", script.code)).await?
            }
            other => other,
        };
        match result {
            Value::Int(changed) => Ok(changed == 1),
            other => Err(self.unexpected(other)),
        }
    }

    /// The error for a reply that the command does not have. It says nothing about a value.
    fn unexpected(&self, reply: Value) -> StoreError {
        match reply {
            Value::ServerError(error) => self.connection.error(format_args!(
                "{} {}",
                error.code(),
                error.details().unwrap_or_default()
            )),
            _ => self.connection.error("the reply is of another type than the command has"),
        }
    }
}

impl RedisStoreBuilder {
    /// The text that the keys begin with; by default `azure-token-cache:`. It separates this cache from what else is in the
    /// database, and is what an access control list names (`~azure-token-cache:*`).
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::RedisStore;
    /// let builder = RedisStore::builder("redis://cache:6379").key_prefix("staging:tokens:");
    /// ```
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    /// Trusts further certification authorities, in PEM, besides the public ones of Mozilla's list.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::RedisStore;
    /// # fn main() -> std::io::Result<()> {
    /// let builder = RedisStore::builder("rediss://cache:6380").root_certificates(std::fs::read("ca.pem")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.roots.push(pem.into());
        self
    }

    /// Authenticates the host to the server with a certificate: the chain and its private key, both in PEM.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::RedisStore;
    /// # fn main() -> std::io::Result<()> {
    /// let (chain, key) = (std::fs::read("host.pem")?, std::fs::read("host.key")?);
    /// let builder = RedisStore::builder("rediss://cache:6380").client_certificate(chain, key);
    /// # Ok(())
    /// # }
    /// ```
    pub fn client_certificate(mut self, chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        self.tls.client_certificate = Some((chain.into(), key.into()));
        self
    }

    /// The store. It does not wait for the server. In a tokio runtime it begins to connect, and elsewhere when it is used.
    ///
    /// # Errors
    /// When the URL is not one of Redis, or a certificate or key is malformed. Whether the server can be reached is not
    /// known yet.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::RedisStore;
    /// # fn main() -> Result<(), azure_identity_wasmtime::StoreError> {
    /// let store = RedisStore::builder("redis://cache:6379").build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn build(self) -> Result<RedisStore, StoreError> {
        let connection = Connection::new(Address::parse(&self.url, &self.tls)?);
        Ok(RedisStore { connection, key_prefix: self.key_prefix })
    }
}

impl SharedStore for RedisStore {
    fn get<'a>(&'a self, kind: EntryKind, name: &'a str) -> StoreFuture<'a, Option<StoredEntry>> {
        Box::pin(async move {
            match self.connection.query(Cmd::new().arg("GET").arg(self.key(kind, name))).await? {
                Value::Nil => Ok(None),
                Value::BulkString(value) => Ok(Some(StoredEntry::new(value.clone(), Version::new(value)))),
                other => Err(self.unexpected(other)),
            }
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
            let mut command = redis::cmd("SET");
            command.arg(self.key(kind, name)).arg(value).arg("NX").arg("PX").arg(milliseconds(expires_in));
            match self.connection.query(&command).await? {
                Value::Nil => Ok(None),
                Value::Okay => Ok(Some(Version::new(value))),
                other => Err(self.unexpected(other)),
            }
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
            let expires_in = milliseconds(expires_in).to_string();
            let arguments = [version.as_bytes(), value, expires_in.as_bytes()];
            let is_replaced = self.run(&REPLACE, &self.key(kind, name), &arguments).await?;
            Ok(is_replaced.then(|| Version::new(value)))
        })
    }

    fn remove<'a>(&'a self, kind: EntryKind, name: &'a str, version: &'a Version) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.run(&REMOVE, &self.key(kind, name), &[version.as_bytes()]).await })
    }
}

/// Redis refuses an expiry of zero.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// A script, which the server runs without another command in between.
struct Script {
    code: &'static str,
    /// What `EVALSHA` names it by.
    hash: String,
}

impl Script {
    fn new(code: &'static str) -> Self {
        Self { code, hash: redis::Script::new(code).get_hash().to_owned() }
    }
}

static REPLACE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end \
         redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1",
    )
});

static REMOVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('DEL', KEYS[1])",
    )
});
