//! A provider for tests, which returns the tokens and errors that its environment describes.
//!
//! `component.rs` is the export (on wasm); the rest is tested natively. No code here may trap: a trap would end the app,
//! too.

#![cfg_attr(target_family = "wasm", no_std)]
#![allow(clippy::result_large_err, reason = "the error is the record of the interface")]

extern crate alloc;

pub mod answers;
#[cfg(target_family = "wasm")]
mod component;
pub mod request;
