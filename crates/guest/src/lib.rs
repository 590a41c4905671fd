#![doc = include_str!("../README.md")]
// `wasi_0_2.rs` and `wasi_0_3.rs` have the two functions; `request.rs`, `token.rs` and `error.rs` their types, which both
// generations share; `convert.rs` converts those of the two sets of `bindings.rs`.
// Not `expect`: a component's pointers are half as large, and there the error is small enough.
#![allow(
    clippy::result_large_err,
    reason = "the error is the record of the interface, and is not on a hot path"
)]

mod bindings;
mod convert;
mod error;
mod request;
mod token;
mod wasi_0_2;
#[cfg(feature = "wasi-0-3")]
pub mod wasi_0_3;

pub use error::{Attempt, CredentialError, ErrorKind, ServiceResponse};
pub use request::TokenRequest;
pub use token::AccessToken;
pub use wasi_0_2::get_token;
