#![doc = include_str!("../README.md")]
//!
//! # The way of a request
//!
//! | step | file |
//! |---|---|
//! | an app instance calls, or the embedder itself | `provider.rs` |
//! | the request is checked and gets its key | `request.rs` |
//! | a token that is known, a request that is under way, or a new one | `answers.rs`, `cache.rs` |
//! | one of the provider's instances, or a wait for one | `pool.rs` |
//! | the instance, its limits and what it may reach | `instance.rs`, `outgoing.rs`, `surroundings.rs` |
//!
//! `load.rs` has what makes a provider, [`ProviderBuilder`] what can be said about it.

#![deny(missing_docs)]
#![deny(unsafe_code)]

mod answers;
mod builder;
mod cache;
mod engine;
mod error;
mod instance;
mod load;
mod metrics;
mod outgoing;
mod pool;
mod provider;
mod request;
mod surroundings;
mod types;

pub use builder::ProviderBuilder;
pub use error::LoadError;
pub use load::precompile;
pub use metrics::Metrics;
pub use provider::Provider;
pub use surroundings::VARIABLES;
pub use types::{AccessToken, Attempt, CredentialError, ErrorKind, TokenRequest};

/// The interface that apps import from here.
pub const INTERFACE: &str = "azure:identity/token-credential@0.2.0";
