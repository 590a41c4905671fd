//! A component between an app and the network: it authenticates the app's HTTP requests to Azure, and the app
//! never holds a token.
//!
//! # Request flow
//!
//! | step | file |
//! |---|---|
//! | the app's request arrives, and the response returns | `component.rs` (on wasm) |
//! | decide what becomes of it, in `crates/http-auth-rules`: | [`rules::settings`] |
//! | … parse its target strictly | [`rules::target`] |
//! | … whether it is refused | [`rules::refusal`] |
//! | … which rule matches: with an address, or of a service that is used | [`rules::rules::find`]; [`rules::rules`], [`rules::rules::parse`], [`rules::rules::services`] |
//! | … unless another path, a header or a batch could bypass it | [`rules::target::plain_path`], `rules/overrides.rs`, `rules/beyond.rs` |
//! | get a token: the stored one, or the provider's | [`token_store`] |
//! | send the request to the target that was decided on, with the token | `forward.rs` (on wasm), [`rules::headers`] |
//! | … copying a short body, to send it again | `forward/body.rs`, `forward/copying.rs` (on wasm) |
//! | satisfy a challenge of the service | [`rules::challenge`] |
//! | withhold a response that contains the token | `forward/response.rs` (on wasm), [`rules::headers`] |
//! | write to standard error | [`rules::log`] |
//!
//! # Invariants
//!
//! The decisions are pure functions of `azure-http-auth-rules`, which `azure-identity-wasmtime` uses as well; only `bindings.rs`, `component.rs`, `forward.rs` and `host.rs`
//! name WASI. No code here may trap: a trap would end the app, too.

#![cfg_attr(target_family = "wasm", no_std)]
// A test may panic on overflow.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails"))]

extern crate alloc;
#[cfg(doc)]
extern crate azure_http_auth_rules as rules;
#[cfg(target_family = "wasm")]
extern crate component_runtime as _;

#[cfg(target_family = "wasm")]
mod bindings;
#[cfg(target_family = "wasm")]
mod component;
#[cfg(target_family = "wasm")]
mod forward;
#[cfg(target_family = "wasm")]
mod host;
mod prelude;
pub mod token_store;
