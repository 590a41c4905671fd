//! A middleware under a provider: it gives the provider variables from the secret store of its host.
//!
//! | step | file |
//! |---|---|
//! | the provider asks for its environment | `component.rs` (on wasm) |
//! | which names are looked up, and what the store calls them | [`names`] |
//! | read the store, and merge its values into the host's environment | [`environment`] |
//!
//! `component.rs` and `bindings.rs` alone name WASI. No code here may trap: a trap would end the app, too.

#![cfg_attr(target_family = "wasm", no_std)]
// A test may panic.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate component_runtime as _;

#[cfg(target_family = "wasm")]
mod bindings;
#[cfg(target_family = "wasm")]
mod component;
pub mod environment;
pub mod names;
