//! NATS JetStream key-value as a store that hosts share.

mod bucket;
mod connection;

use self::bucket::{Bucket, BucketSettings};
use self::connection::{Connection, Credentials, Settings};
use super::lease::LEASE_EXPIRES_IN;
use super::store::{EntryKind, SharedStore, StoreError, StoreFuture, StoredEntry, Version};
use super::tls::TlsSettings;
use std::sync::Arc;
use std::time::Duration;

/// A NATS server (2.9 or newer) or a cluster, with JetStream, as the store that hosts share.
///
/// There are two buckets of JetStream key-value, because the entries of a bucket expire after the same time: one of tokens,
/// and one of leases, which has the name of the other one with `-leases` appended. They are created when they are missing.
/// The server compares the revision of an entry before it is replaced or removed.
///
/// The connection is opened in the background and opened again when it is lost. A server that is down or does not respond
/// delays no start of a host and no other call than the one that needs it.
///
/// # Examples
/// ```no_run
/// # use azure_identity_wasmtime::{NatsStore, StoreError};
/// # fn store(password: &str) -> Result<NatsStore, StoreError> {
/// NatsStore::builder("tls://nats.contoso.com").user_and_password("tokens", password).build()
/// # }
/// ```
pub struct NatsStore {
    tokens: Bucket,
    leases: Bucket,
}

/// The options of a [`NatsStore`].
#[must_use]
pub struct NatsStoreBuilder {
    urls: String,
    credentials: Credentials,
    tls: TlsSettings,
    bucket: String,
    token_expires_in: Duration,
    replicas: usize,
    create_buckets: bool,
}

impl NatsStore {
    /// A store on the server with this URL, or on a cluster with several URLs separated by commas: `nats://host:port`, or
    /// `tls://` to require TLS. The port is 4222 unless the URL names it. Credentials are options, and none is in a URL.
    pub fn builder(urls: impl Into<String>) -> NatsStoreBuilder {
        NatsStoreBuilder {
            urls: urls.into(),
            credentials: Credentials::None,
            tls: TlsSettings::default(),
            bucket: "azure-token-cache".to_owned(),
            token_expires_in: Duration::from_secs(24 * 60 * 60),
            replicas: 1,
            create_buckets: true,
        }
    }

    fn bucket(&self, kind: EntryKind) -> &Bucket {
        match kind {
            EntryKind::Token => &self.tokens,
            EntryKind::Lease => &self.leases,
        }
    }
}

impl NatsStoreBuilder {
    /// Authenticates with a user and a password.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::NatsStore;
    /// # let password = "";
    /// let builder = NatsStore::builder("tls://nats").user_and_password("tokens", password);
    /// ```
    pub fn user_and_password(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Credentials::Password(user.into(), password.into());
        self
    }

    /// Authenticates with the seed of an NKey (`SU…`).
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::NatsStore;
    /// # let seed = "";
    /// let builder = NatsStore::builder("tls://nats").nkey(seed);
    /// ```
    pub fn nkey(mut self, seed: impl Into<String>) -> Self {
        self.credentials = Credentials::NKey(seed.into());
        self
    }

    /// Authenticates with the content of a credentials file (`.creds`), which has a JWT and the seed of its NKey.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::NatsStore;
    /// # fn main() -> std::io::Result<()> {
    /// let builder = NatsStore::builder("tls://nats").credentials(std::fs::read_to_string("tokens.creds")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn credentials(mut self, content: impl Into<String>) -> Self {
        self.credentials = Credentials::File(content.into());
        self
    }

    /// Trusts further certification authorities, in PEM, besides the public ones of Mozilla's list.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::NatsStore;
    /// # fn main() -> std::io::Result<()> {
    /// let builder = NatsStore::builder("tls://nats").root_certificates(std::fs::read("ca.pem")?);
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
    /// # use azure_identity_wasmtime::NatsStore;
    /// # fn main() -> std::io::Result<()> {
    /// let (chain, key) = (std::fs::read("host.pem")?, std::fs::read("host.key")?);
    /// let builder = NatsStore::builder("tls://nats").client_certificate(chain, key);
    /// # Ok(())
    /// # }
    /// ```
    pub fn client_certificate(mut self, chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        self.tls.client_certificate = Some((chain.into(), key.into()));
        self
    }

    /// The name of the bucket of tokens; by default `azure-token-cache`. The bucket of leases has `-leases` appended.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::NatsStore;
    /// let builder = NatsStore::builder("nats://nats").bucket("staging-tokens"); // and staging-tokens-leases
    /// ```
    pub fn bucket(mut self, name: impl Into<String>) -> Self {
        self.bucket = name.into();
        self
    }

    /// After what time the server removes a token (the bucket's maximum age); by default 24 hours, the longest lifetime
    /// that a token of Microsoft Entra has. A token that ends earlier is not used. It applies to a bucket that this creates.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::NatsStore;
    /// # use std::time::Duration;
    /// let builder = NatsStore::builder("nats://nats").token_expires_in(Duration::from_secs(2 * 60 * 60));
    /// ```
    pub fn token_expires_in(mut self, age: Duration) -> Self {
        self.token_expires_in = age;
        self
    }

    /// On how many servers of a cluster each bucket is; by default 1. It applies to buckets that this creates.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::NatsStore;
    /// let builder = NatsStore::builder("nats://a,nats://b,nats://c").replicas(3);
    /// ```
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// Whether missing buckets are created; by default they are. Without it, an operator creates them:
    /// `nats kv add azure-token-cache --ttl 24h` and `nats kv add azure-token-cache-leases --ttl 1500ms`, with `--history 1`.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::NatsStore;
    /// let builder = NatsStore::builder("nats://nats").create_buckets(false);
    /// ```
    pub fn create_buckets(mut self, create: bool) -> Self {
        self.create_buckets = create;
        self
    }

    /// The store. It does not wait for the server. In a tokio runtime it begins to connect, and elsewhere when it is used.
    ///
    /// # Errors
    /// When a URL is not one of NATS or has credentials, or when credentials, a certificate or a key are malformed. Whether
    /// the server can be reached is not known yet.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::NatsStore;
    /// # fn main() -> Result<(), azure_identity_wasmtime::StoreError> {
    /// let store = NatsStore::builder("nats://nats:4222").build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn build(self) -> Result<NatsStore, StoreError> {
        let tls = self.tls.config()?;
        let connection = Connection::new(Settings::parse(&self.urls, self.credentials, tls)?);
        let bucket = |name: String, max_age: Duration| {
            let settings =
                BucketSettings { name, max_age, replicas: self.replicas, is_created: self.create_buckets };
            Bucket::new(Arc::clone(&connection), settings)
        };
        let leases = format!("{}-leases", self.bucket);
        Ok(NatsStore {
            leases: bucket(leases, LEASE_EXPIRES_IN),
            tokens: bucket(self.bucket, self.token_expires_in),
        })
    }
}

/// The server expires entries by their bucket: `expires_in` is not sent.
impl SharedStore for NatsStore {
    fn get<'a>(&'a self, kind: EntryKind, name: &'a str) -> StoreFuture<'a, Option<StoredEntry>> {
        Box::pin(async move {
            let entry = self.bucket(kind).get(name).await?;
            Ok(entry.map(|(value, revision)| StoredEntry::new(value, version(revision))))
        })
    }

    fn create<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        _expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        Box::pin(async move { Ok(self.bucket(kind).create(name, value).await?.map(version)) })
    }

    fn replace<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        expected: &'a Version,
        _expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        Box::pin(async move {
            let Some(revision) = revision(expected) else { return Ok(None) };
            Ok(self.bucket(kind).update(name, value, revision).await?.map(version))
        })
    }

    fn remove<'a>(&'a self, kind: EntryKind, name: &'a str, expected: &'a Version) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let Some(revision) = revision(expected) else { return Ok(false) };
            self.bucket(kind).delete(name, revision).await
        })
    }
}

fn version(revision: u64) -> Version {
    Version::new(revision.to_be_bytes())
}

/// `None` for the version of another store. Zero is that of an entry that does not exist.
fn revision(version: &Version) -> Option<u64> {
    let revision = u64::from_be_bytes(version.as_bytes().try_into().ok()?);
    Some(revision).filter(|revision| *revision != 0)
}
