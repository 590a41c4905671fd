#![doc = include_str!("../README.md")]
// Request flow: `provider.rs` receives the request of an app or of the embedder; `request.rs` checks it and derives its
// key; `token_store.rs` and `cache.rs` return a cached token, join a call in flight or begin one; `pool.rs` takes an
// instance; `instance.rs` calls it; `environment.rs`, `state.rs` and `outgoing.rs` are what the instance can reach.
// `builder.rs` and `load.rs` make a provider.
//
// Exhaustiveness: the types of the interface (`types.rs`) are exhaustive, because they change only with its version, which
// is a breaking change in any case. All other public types that this crate alone constructs are `#[non_exhaustive]`.
#![deny(missing_docs)]
#![deny(unsafe_code)]
#![expect(
    clippy::result_large_err,
    reason = "the error is the record of the interface, and is not on a hot path"
)]

mod builder;
mod cache;
mod engine;
mod environment;
mod error;
mod instance;
mod interface;
mod load;
mod metrics;
mod outgoing;
mod pool;
mod provider;
mod request;
mod state;
mod token_store;
mod types;

pub use builder::ProviderBuilder;
pub use environment::VARIABLES;
pub use error::LoadError;
pub use interface::INTERFACE;
pub use load::precompile;
pub use metrics::Metrics;
pub use provider::Provider;
pub use types::{AccessToken, Attempt, CredentialError, ErrorKind, ServiceResponse, TokenRequest};
