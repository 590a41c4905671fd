//! A middleware between an app and a provider: one structured line for each call, without secrets.
//!
//! `line.rs` is the content, and is tested natively; `component.rs` is the export (on wasm). No code here may trap: a trap
//! would end the app, too.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

#[cfg(target_family = "wasm")]
mod component;
pub mod line;
