//! The Azure SDK for Rust (`azure_core` and its kin) in WebAssembly components.
//!
//! The SDK brings neither an HTTP client nor a runtime nor a credential that works in a component on WASI
//! 0.2. These are here, and each can be used without the others:
//!
//! | what | over |
//! |---|---|
//! | [`ComponentCredential`], a [`TokenCredential`](azure_core::credentials::TokenCredential) | the imported `azure:identity/token-credential` |
//! | [`WasiHttpClient`], an [`HttpClient`](azure_core::http::HttpClient) | `wasi:http` |
//! | [`block_on`] and the [`runtime`] that SDK clients sleep and spawn with | `wasi:io/poll`, `wasi:clocks` |
//!
//! A client of the SDK takes the first two when it is made, and runs inside of the third:
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
//! Depend on the SDK's crates with `default-features = false`: their default is an HTTP client and a runtime
//! that have no place in a component. The app's component then imports `azure:identity/token-credential`;
//! compose it with the provider, whose README says how.
//!
//! Everything here compiles for any target, so that code that uses it can be checked; it works in a
//! component alone, and calls of WASI panic elsewhere.

mod bindings;
pub mod credential;
pub mod executor;
pub mod http_client;
pub mod runtime;

pub use credential::{ComponentCredential, CredentialError};
pub use executor::block_on;
pub use http_client::{Timeouts, WasiHttpClient};
