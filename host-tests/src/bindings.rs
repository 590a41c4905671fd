//! The host's side of the component's world, made from `wit/0.2` and `wit/0.2/credentials`.

#![allow(missing_docs, reason = "written by a macro; wit/0.2 has the words")]

wasmtime::component::bindgen!({
    path: ["../wit/0.2", "../wit/0.2/credentials"],
    world: "azure:identity-credentials/provider",
    exports: { default: async },
});

pub use azure::identity::types::{
    AccessToken, Attempt, CredentialError, ErrorKind, ServiceResponse, TokenRequest,
};
pub use exports::azure::identity_credentials::credentials::{
    Application, AuthorizationCodeGrant, PasswordGrant, ServiceConnection,
};
