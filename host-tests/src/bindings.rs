//! The host's side of the component's world, made from `wit/0.2`.

#![allow(missing_docs, reason = "written by a macro; wit/0.2 has the words")]

wasmtime::component::bindgen!({
    path: "../wit/0.2",
    world: "provider",
    exports: { default: async },
});

pub use azure::identity::types::{AccessToken, Attempt, CredentialError, ErrorKind, TokenRequest};
pub use exports::azure::identity::credentials;
