//! The HTTP client of the provider's instances, with real TLS servers on loopback.

#[path = "tls/azure_proxy.rs"]
mod azure_proxy;
#[path = "tls/certificates.rs"]
pub mod certificates;
#[path = "tls/connect_proxy.rs"]
mod connect_proxy;
#[path = "tls/connections.rs"]
mod connections;
#[path = "tls/https_proxy.rs"]
mod https_proxy;
#[path = "tls/identity_binding.rs"]
mod identity_binding;
#[path = "tls/openssl.rs"]
mod openssl;
#[path = "tls/server.rs"]
mod server;
#[path = "tls/service_fabric.rs"]
mod service_fabric;
