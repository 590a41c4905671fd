#![doc = include_str!("../README.md")]
// Request flow: `linker.rs` receives the request of an app; `scoped.rs` adds its policy and its tenant; `provider.rs`
// receives that and the request of the embedder; `request.rs` and `policy.rs` check it; `shared.rs` looks it up;
// `token_store.rs` and `cache.rs` return a cached token, join a call in flight or begin one; `admission.rs` decides when it
// runs; `call.rs` runs it in a task of its own; `shared_cache.rs` finds the token that another host has stored, if hosts share tokens; `pool.rs` takes an instance; `instance.rs` calls it; `environment.rs`,
// `state.rs`, `outgoing.rs` and `client.rs` are what the instance can reach. `builder.rs` and `load.rs` make a provider;
// `lifecycle.rs`, `health.rs`, `metrics.rs` and `telemetry.rs` are for its operation; `http_auth.rs` is for apps without tokens.
//
// Exhaustiveness: the types of the interface (`types.rs`) are exhaustive, because they change only with its version, which
// is a breaking change in any case. All other public types that this crate alone constructs are `#[non_exhaustive]`.
#![deny(missing_docs)]
#![deny(unsafe_code)]
#![expect(
    clippy::result_large_err,
    reason = "the error is the record of the interface, and is not on a hot path"
)]

mod admission;
mod allowance;
mod builder;
mod cache;
mod call;
#[cfg(feature = "client")]
mod client;
mod cloud;
mod engine;
mod environment;
mod error;
mod failures;
mod health;
#[cfg(feature = "http-auth")]
mod http_auth;
mod instance;
mod interface;
mod lifecycle;
mod linker;
mod load;
#[cfg(feature = "opentelemetry")]
mod meter;
mod metrics;
mod outgoing;
mod policy;
mod pool;
mod provider;
mod request;
mod scoped;
mod shared;
mod shared_cache;
mod state;
mod telemetry;
mod tenant;
mod throttling;
mod token_store;
mod types;
mod warnings;

pub use azure_token_cache::identity::{Identity, InvalidIdentity};
pub use azure_token_cache::key_ring::{InvalidKeys, KeyRing};
pub use azure_token_cache::partition::{InvalidPartition, Partition};
/// The variables that the provider reads. [`inherit_env`](ProviderBuilder::inherit_env) passes these and no others to it.
pub use azure_token_rules::variables::VARIABLES;
pub use builder::ProviderBuilder;
pub use cloud::Cloud;
pub use error::LoadError;
pub use health::{Failure, Health, SourceHealth, Success, TokenHealth};
#[cfg(feature = "http-auth")]
pub use http_auth::{HttpAuth, HttpAuthError, HttpAuthHooks};
pub use interface::{INTERFACE, INTERFACE_0_3};
#[cfg(feature = "cranelift")]
pub use load::precompile;
pub use metrics::Metrics;
pub use policy::Policy;
pub use provider::Provider;
pub use scoped::ScopedProvider;
pub use shared_cache::{EntryKind, SharedCache, SharedStore, StoreError, StoreFuture, StoredEntry, Version};
#[cfg(feature = "nats")]
pub use shared_cache::{NatsStore, NatsStoreBuilder};
#[cfg(feature = "redis")]
pub use shared_cache::{RedisStore, RedisStoreBuilder};
pub use tenant::TenantKey;
pub use types::{AccessToken, Attempt, CredentialError, ErrorKind, ServiceResponse, TokenRequest};
