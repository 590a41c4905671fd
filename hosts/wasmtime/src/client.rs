//! The HTTP client of the instances: hyper and rustls, with the connections that `wasi:http` cannot describe.
//!
//! One client serves all instances of a provider, so that they share connections. `connections.rs` is a pool of connections
//! with one rule for certificates; `azure_proxy.rs` and `pinned.rs` are the rules for single servers, `https_proxy.rs` and
//! `route.rs` the way to the server, `exchange.rs` a request and its response.

mod azure_proxy;
mod connections;
mod endpoint;
mod exchange;
mod http_client;
mod https_proxy;
mod pinned;
mod roots;
mod route;
mod settings;

pub(crate) use http_client::InstanceClient;
pub(crate) use settings::{ClientSettings, ProxySetting};
