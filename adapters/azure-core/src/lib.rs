#![doc = include_str!("../README.md")]
// `credential.rs`, `http_client.rs` and `runtime.rs` implement the traits of the SDK. The last two wait with `reactor.rs`, which
// has the pollables; `executor.rs` runs the futures.
pub mod credential;
pub mod executor;
pub mod http_client;
mod reactor;
pub mod runtime;

pub use credential::{ComponentCredential, CredentialError};
pub use executor::block_on;
pub use http_client::{Timeouts, WasiHttpClient};
