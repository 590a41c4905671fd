//! The provider component of `azure:identity`: Microsoft Entra access tokens for WebAssembly components.
//!
//! # Request flow
//!
//! A call of `get-token` passes these files from the top to the bottom.
//!
//! | step | file |
//! |---|---|
//! | the WIT values of the caller are converted, and the result is converted back | `bindings.rs`, `bindings/` |
//! | the request is parsed | [`request`], [`identifiers`] |
//! | the credential returns a cached token, or fetches one | [`credential`], [`cache`] |
//! | concurrent calls for the same token share one request | [`concurrency`] |
//! | a chain tries several sources | [`chain`], [`sources::default`] |
//! | a source gets a token | [`source`], [`sources`] |
//! | a client authenticates to Microsoft Entra's token endpoint | [`entra`] |
//! | the token files of Microsoft's tools are read | [`msal_cache`] |
//! | certificates and their keys are read (feature `certificates`) | `certificate.rs` |
//! | a request is sent, and retried, unless the service asked for a wait | [`throttling`], [`retry`], [`http`] |
//! | the host provides network, files, environment, clocks and randomness | [`host`] |
//! | the response is parsed | [`token_response`], [`service_response`], [`json`] |
//! | the token, or the error, is returned | [`token`], [`token_details`], [`error`] |
//!
//! A new reader starts with [`sources`] and `sources/client_credentials.rs`, the shortest source.
//!
//! # Rules
//!
//! - The core does not use WASI. Only `host/wasi.rs` and `host/wasi3.rs` name `wasi:*`, and only
//!   `bindings.rs` and its folder name the WIT types of `azure:identity`.
//! - The core is written with `async fn` over [`host::Host`], and each `async` item has the attribute
//!   `#[maybe_async]`. The host of WASI 0.2 blocks, so `async` and `.await` are removed there. In the edition
//!   for WASI 0.3 (feature `wasi-0-3`) calls are concurrent, so no borrow and no assumption about shared
//!   state is held over an `.await`. The attribute below on [`concurrency`] chooses between the two.
//! - Nothing traps: the lints of the crate deny panics, indexing and unchecked arithmetic.
//! - Files do not import each other in a cycle.

#![cfg_attr(target_family = "wasm", no_std)]
// A test may panic on overflow.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails"))]

extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate component_runtime as _;

pub mod authentication_record;
pub mod base64;
#[cfg(target_family = "wasm")]
mod bindings;
pub mod cache;
pub mod call_context;
#[cfg(feature = "certificates")]
pub mod certificate;
pub mod chain;
#[cfg_attr(all(target_family = "wasm", not(feature = "wasi-0-3")), path = "concurrency/blocking.rs")]
pub mod concurrency;
pub mod credential;
pub mod entra;
pub mod error;
pub mod host;
pub mod http;
pub mod identifiers;
pub mod instance;
pub mod json;
pub mod msal_cache;
mod prelude;
pub mod received;
pub mod request;
pub mod retry;
pub mod service_response;
pub mod source;
pub mod sources;
pub mod throttling;
pub mod token;
pub mod token_details;
pub mod token_response;
pub mod uuid;
