//! The Azure SDK for Rust (`azure_core` and the crates on top of it) in WebAssembly components.
//!
//! The SDK has no HTTP client, runtime or credential that works in a component for WASI 0.2. This crate provides them,
//! and each can be used without the others:
//!
//! | item | built on |
//! |---|---|
//! | [`ComponentCredential`], a [`TokenCredential`](azure_core::credentials::TokenCredential) | the imported `azure:identity/token-credential` |
//! | [`WasiHttpClient`], an [`HttpClient`](azure_core::http::HttpClient) | `wasi:http` |
//! | [`block_on`] and the [`runtime`] that SDK clients sleep and spawn with | `wasi:io/poll`, `wasi:clocks` |
//!
//! A client of the SDK takes the first two when it is created, and runs inside the third:
//!
//! ```
//! # use azure_core::http::ClientOptions;
//! use azure_core_wasi::{ComponentCredential, WasiHttpClient, block_on};
//!
//! let options = ClientOptions {
//!     transport: Some(WasiHttpClient::default().into()),
//!     ..Default::default()
//! };
//! let credential = ComponentCredential::new();
//! # let _ = (options, credential);
//! // block_on(SecretClient::new(&vault, credential, Some(options))?.get_secret("name", None))
//! # block_on(async {});
//! ```
//!
//! Depend on the SDK's crates with `default-features = false`: their default HTTP client and runtime do not work in a
//! component. The app's component then imports `azure:identity/token-credential`; compose it with the provider, as the
//! provider's README describes.
//!
//! The crate compiles for every target, so that code that uses it can be checked. It works only in a component; on other
//! targets the calls to WASI panic.

mod bindings;
pub mod credential;
pub mod executor;
pub mod http_client;
pub mod runtime;

pub use credential::{ComponentCredential, CredentialError};
pub use executor::block_on;
pub use http_client::{Timeouts, WasiHttpClient};
