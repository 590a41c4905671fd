//! A middleware between an app and a provider: only listed scopes and tenants pass.
//!
//! [`allow_list`] decides, and is tested natively; `component.rs` is the export (on wasm). No code here may trap: a trap
//! would end the app, too.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

pub mod allow_list;
#[cfg(target_family = "wasm")]
mod component;
