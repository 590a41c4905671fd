//! The host's side of the component's world, made from `wit/`.

#![allow(missing_docs, reason = "written by a macro; wit/ has the words")]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "provider",
    exports: { default: async },
});

pub use azure::identity::types::{AccessToken, Attempt, CredentialError, ErrorKind, TokenRequest};
pub use exports::azure::identity::credentials;
