//! What a shared cache is made of.

use super::jitter::Jitter;
use super::store::SharedStore;
use azure_token_cache::identity::Identity;
use azure_token_cache::key_ring::KeyRing;
use azure_token_cache::partition::Partition;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Tokens that the hosts of a fleet share, encrypted, in a store: what the store is, who shares, and with which keys.
///
/// Every host that has the keys and can reach the store can read every token of the partition.
///
/// # Examples
/// ```no_run
/// # use azure_identity_wasmtime::{Cloud, KeyRing, Partition, Provider, SharedCache, SharedStore};
/// # async fn run(store: impl SharedStore) -> Result<(), Box<dyn std::error::Error>> {
/// let keys = KeyRing::parse(&std::fs::read_to_string("/run/secrets/token-cache-keys")?)?;
/// let shared = SharedCache::new(store, Partition::parse("orders-prod")?, keys);
/// let provider = Provider::builder()
///     .inherit_env()
///     .allow_azure(Cloud::Public)
///     .shared_cache(shared)
///     .load_file("azure-identity.wasm")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use]
#[derive(Clone)]
pub struct SharedCache {
    pub(crate) store: Arc<dyn SharedStore>,
    pub(crate) partition: Partition,
    pub(crate) keys: KeyRing,
    /// `None`: the client of `AZURE_CLIENT_ID`.
    pub(crate) identity: Option<Identity>,
    pub(crate) deadline: Duration,
    pub(crate) jitter: Jitter,
}

impl SharedCache {
    /// Shares tokens through a store with the hosts that have the same partition, keys and identity.
    pub fn new(store: impl SharedStore, partition: Partition, keys: KeyRing) -> Self {
        let (store, identity, deadline) = (Arc::new(store), None, Duration::from_millis(200));
        Self { store, partition, keys, identity, deadline, jitter: Jitter::default() }
    }

    /// Sets the identity whose tokens are shared; by default the client that the provider's variable `AZURE_CLIENT_ID` names. A
    /// token of another client, of a user or of an unknown identity is not stored.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::{Identity, SharedCache};
    /// # fn run(shared: SharedCache) -> Result<SharedCache, Box<dyn std::error::Error>> {
    /// Ok(shared.identity(Identity::parse("11111111-2222-3333-4444-555555555555")?))
    /// # }
    /// ```
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Sets how long one call of the store may take, before the provider goes on without it; 200 ms by default. After several
    /// failures in a row the store is left alone for a while. A store may give up earlier: Redis after a second, and NATS
    /// after five.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::SharedCache;
    /// # fn run(shared: SharedCache) -> SharedCache {
    /// shared.deadline(std::time::Duration::from_millis(50))
    /// # }
    /// ```
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets where the random numbers come from that spread renewals and waits; those of nonces stay random. For simulations,
    /// whose runs are to be the same each time.
    #[doc(hidden)]
    pub fn jitter(mut self, random: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.jitter = Jitter::new(random);
        self
    }
}

impl fmt::Debug for SharedCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCache")
            .field("partition", &self.partition)
            .field("keys", &self.keys)
            .field("identity", &self.identity)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
