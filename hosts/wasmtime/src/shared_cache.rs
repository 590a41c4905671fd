//! Tokens that outlive an instance and a machine: a store that hosts share, as a second level behind this provider's cache.
//!
//! `second_level.rs` is the path of a request; `lease.rs` lets one host of a fleet request a token; `wait.rs` is how the others
//! wait, and `jitter.rs` lets all do so at different times; `guarded.rs` puts a deadline
//! and a circuit breaker (`breaker.rs`) before the store; `obtained.rs` makes tokens of records, and records of tokens. What a
//! record is called, how it is encrypted and when it is used is decided by `azure_token_cache`.

mod breaker;
mod guarded;
mod jitter;
mod lease;
#[cfg(test)]
mod memory_store;
#[cfg(feature = "nats")]
mod nats;
mod obtained;
#[cfg(feature = "redis")]
mod redis;
mod second_level;
mod settings;
mod store;
#[cfg(any(feature = "nats", feature = "redis"))]
mod tls;
mod wait;
mod wanted;

#[cfg(feature = "nats")]
pub use self::nats::{NatsStore, NatsStoreBuilder};
pub(crate) use self::obtained::Obtained;
#[cfg(feature = "redis")]
pub use self::redis::{RedisStore, RedisStoreBuilder};
pub(crate) use second_level::{SecondLevel, Upstream};
pub use settings::SharedCache;
pub use store::{EntryKind, SharedStore, StoreError, StoreFuture, StoredEntry, Version};
pub(crate) use wanted::{Demand, with_details};
