//! What the middlewares around `token-credential` share: the bindings of both editions, and access to the host.
//!
//! A middleware implements [`TokenCredential`] and ends with `export!(Middleware)`. Its function is written once, with
//! [`macro@maybe_async`], which removes `async` and `.await` in the edition for WASI 0.2. A component imports only what its own
//! code calls.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate component_runtime as _;

pub mod bindings;
#[cfg(target_family = "wasm")]
pub mod host;

pub use bindings::azure::identity::types::{
    AccessToken, Attempt, CredentialError, ErrorKind, ServiceResponse, TokenRequest,
};
pub use bindings::export;
pub use bindings::exports::azure::identity::token_credential::Guest as TokenCredential;
#[cfg(feature = "wasi-0-3")]
pub use maybe_async::must_be_async as maybe_async;
#[cfg(not(feature = "wasi-0-3"))]
pub use maybe_async::must_be_sync as maybe_async;

/// The error of a request that a middleware refuses: `invalid-argument`, because nothing was sent, and the same request
/// fails again until it or the configuration changes.
///
/// The message is `middleware: what`, in one line without control characters.
pub fn refusal(middleware: &str, what: &dyn core::fmt::Display) -> CredentialError {
    CredentialError {
        kind: ErrorKind::InvalidArgument,
        message: azure_token_rules::error::message(middleware, what),
        claims: None,
        response: None,
        attempts: alloc::vec::Vec::new(),
        details: alloc::vec::Vec::new(),
    }
}
