//! A middleware between an app and a provider: tokens outlive the instances that requested them, in a key-value store.
//!
//! # Request flow
//!
//! | step | file |
//! |---|---|
//! | the app's request arrives, and the token returns | `component.rs` (on wasm) |
//! | read the settings | [`settings`] |
//! | decide on the request: a token of memory, a token of the store, or the provider's | [`flow`] |
//! | … what the instance knows of the token | `flow/call.rs` |
//! | … look into the memory of the instance (first level) | [`memory`] |
//! | … read and write the store (second level), and give it up after a failure | [`store`] |
//! | … let one instance of a fleet request the token | `flow/contest.rs` |
//! | … call the provider, and write what it returns | `flow/provider.rs` |
//! | convert records, tokens and failures | [`tokens`] |
//! | write warnings to standard error | [`warnings`] |
//!
//! The policy (names, encryption, what a record is worth, the lease) is `crates/token-cache`. `component.rs` and `bindings.rs`
//! alone name WASI. No code here may trap: a trap would end the app, too.

#![cfg_attr(target_family = "wasm", no_std)]
#![allow(clippy::result_large_err, reason = "the error is the record of the interface")]
// A test may panic.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

#[cfg(target_family = "wasm")]
mod bindings;
#[cfg(target_family = "wasm")]
mod component;
pub mod flow;
pub mod host;
pub mod memory;
pub mod settings;
pub mod store;
pub mod tokens;
pub mod warnings;
