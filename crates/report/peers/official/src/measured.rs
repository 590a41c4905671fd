//! What the measurements need besides the SDK.

use crate::{Guest, Official, token_of, variable};
use async_trait::async_trait;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, Transport};
use azure_core_wasi::WasiHttpClient;
use std::sync::Arc;

impl Guest for Official {
    fn ask(times: u32, scopes: Vec<String>) -> Result<u64, String> {
        let mut length = 0;
        for number in 0..times as usize {
            let scope = scopes.get(number % scopes.len().max(1)).ok_or("no scopes")?;
            let token = token_of(&[scope]).map_err(|error| error.to_string())?;
            length += token.token.secret().len() as u64;
        }
        Ok(length)
    }
}

/// A transport to the address in `AZURE_POD_IDENTITY_AUTHORITY_HOST`: the SDK knows no other IMDS than Azure's.
pub fn transport() -> Transport {
    let address = variable("AZURE_POD_IDENTITY_AUTHORITY_HOST").unwrap_or_default();
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
