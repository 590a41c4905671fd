//! The provider component of `azure:identity`: Microsoft Entra access tokens from whatever the
//! surroundings offer.
//!
//! # The way of a request
//!
//! | step | file |
//! |---|---|
//! | the caller's WIT values become ours, and ours become WIT again | `bindings.rs` |
//! | every field is checked, once | [`request`] |
//! | a credential: the cache, and the source behind it | [`credential`], [`cache`] |
//! | one request for all who want the same token (feature `wasi-0-3`) | `single_flight.rs` |
//! | several sources, one after the other | [`chain`] |
//! | one file a source, and THE LIST of the default ones | [`sources`] |
//! | Microsoft Entra's token endpoint | [`entra`] |
//! | the token files of Microsoft's tools | [`msal_cache`] |
//! | certificates and their keys (feature `certificates`) | `certificate.rs` |
//! | requests to checked addresses | [`http`] |
//! | how often and how long a service is asked | [`retry`] |
//! | everything outside | [`host`] |
//! | the one parser of what services answer | [`token_response`] |
//! | tokens and secrets | [`token`] |
//! | why there is no token | [`error`] |
//!
//! Start with [`sources`], then read `sources/client_secret.rs`, the shortest source.
//!
//! # Rules
//!
//! The core never touches WASI: only `host/wasi.rs` and `host/wasi3.rs` name `wasi:*`, only `bindings.rs`
//! names our WIT types. It is written as `async fn` over [`host::Host`], and whatever is `async` is marked
//! `#[maybe_async]`: on WASI 0.2 the host blocks, and `async` and `.await` are taken away; in the edition for
//! WASI 0.3 (feature `wasi-0-3`) other calls come while one waits, so nothing stays borrowed or taken over
//! an `.await`. Nothing in here may trap.

#![cfg_attr(target_family = "wasm", no_std)]
// Tests may end when they overflow.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails"))]

extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate component_runtime as _;

#[cfg(any(not(target_family = "wasm"), feature = "wasi-0-3"))]
mod async_mutex;
pub mod base64;
#[cfg(target_family = "wasm")]
mod bindings;
pub mod cache;
pub mod call_context;
#[cfg(feature = "certificates")]
pub mod certificate;
pub mod chain;
pub mod credential;
pub mod dates;
pub mod entra;
pub mod error;
pub mod host;
pub mod http;
pub mod json;
pub mod msal_cache;
mod prelude;
pub mod request;
pub mod retry;
#[cfg(any(not(target_family = "wasm"), feature = "wasi-0-3"))]
pub mod single_flight;
pub mod sources;
pub mod text;
pub mod token;
pub mod token_response;
