//! The transport of the measurements.

use async_trait::async_trait;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, Transport};
use azure_core_wasi::WasiHttpClient;
use std::sync::Arc;

/// A transport to this address, `http://host:port`, for all requests: the SDK knows no other IMDS than Azure's.
pub fn transport_to(address: &str) -> Transport {
    let address = address.trim_start_matches("http://").rsplit_once(':');
    let to = address.and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?)));
    Transport::new(Arc::new(Redirected { to, client: WasiHttpClient::default() }))
}

#[derive(Debug)]
struct Redirected {
    to: Option<(String, u16)>,
    client: WasiHttpClient,
}

#[async_trait]
impl HttpClient for Redirected {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        if let Some((host, port)) = &self.to {
            let url = request.url_mut();
            let _ = url.set_host(Some(host));
            let _ = url.set_port(Some(*port));
        }
        self.client.execute_request(&request).await
    }
}
