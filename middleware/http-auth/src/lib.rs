//! A component between an app and the network: it authenticates the app's HTTP requests to Azure, and the app
//! never holds a token.
//!
//! # The way of a request
//!
//! | step | file |
//! |---|---|
//! | the app's request arrives, and the answer goes back | `bindings.rs` (on wasm) |
//! | where it goes, read strictly | [`target`] |
//! | whether it may | [`refuse`] |
//! | which rule is for it | [`rules`], THE TABLE in [`rules::built_in`], the deployer's in [`rules::parse`] |
//! | all of that in one question | [`settings`] |
//! | a token: one that is at hand, or the provider's | [`tokens`] |
//! | the request goes on, its body and trailers untouched | `forward.rs` (on wasm), [`headers`] |
//! | the service wants another token | [`challenge`] |
//! | what people are told | [`log`] |
//!
//! # Rules
//!
//! What decides is pure and tested natively; only `bindings.rs`, `forward.rs` and `host.rs` name WASI. Nothing in
//! here may trap: it would take the app with it.

#![cfg_attr(target_family = "wasm", no_std)]
// Tests may end when they overflow.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails"))]

extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate component_runtime as _;

#[cfg(target_family = "wasm")]
mod bindings;
pub mod challenge;
#[cfg(target_family = "wasm")]
mod forward;
pub mod headers;
#[cfg(target_family = "wasm")]
mod host;
pub mod log;
mod prelude;
pub mod refuse;
pub mod rules;
pub mod settings;
pub mod target;
pub mod tokens;
