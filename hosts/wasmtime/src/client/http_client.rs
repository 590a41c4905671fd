//! The client: which connections a request is for.

use super::azure_proxy::AzureProxy;
use super::connections::Connections;
use super::endpoint::Endpoint;
use super::exchange::{Failure, exchange};
use crate::failures::ConnectionFailures;
use http::{Request, Uri};
use std::sync::Arc;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// The HTTP client of a provider. Clones are the same client.
#[derive(Clone)]
pub(crate) struct HttpClient(pub(super) Arc<Inner>);

pub(super) struct Inner {
    /// For all servers but those below.
    pub(super) public: Arc<Connections>,
    pub(super) azure_proxy: Option<Arc<AzureProxy>>,
    pub(super) service_fabric: Option<(Endpoint, Arc<Connections>)>,
}

/// The client as one instance has it.
pub(crate) struct InstanceClient {
    pub(crate) client: HttpClient,
    pub(crate) failures: ConnectionFailures,
}

impl HttpClient {
    /// The token proxy of the cluster; `None`: there is none.
    pub(crate) fn azure_proxy(&self) -> Option<&Endpoint> {
        self.0.azure_proxy.as_ref().map(|proxy| &proxy.endpoint)
    }

    /// The connections by whose rules the server of an address is verified.
    async fn connections(&self, uri: &Uri) -> Result<Arc<Connections>, Failure> {
        let endpoint = Endpoint::of(uri);
        if let Some((fabric, connections)) = &self.0.service_fabric
            && endpoint.as_ref() == Some(fabric)
        {
            return Ok(Arc::clone(connections));
        }
        let Some(proxy) = self.0.azure_proxy.as_ref().filter(|it| endpoint.as_ref() == Some(&it.endpoint))
        else {
            return Ok(Arc::clone(&self.0.public));
        };
        let proxy = Arc::clone(proxy);
        let connections = tokio::task::spawn_blocking(move || proxy.connections()).await;
        let connections = connections.unwrap_or_else(|error| Err(error.to_string()));
        connections.map_err(|reason| Failure { error: Error::TlsCertificateError, reason: Some(reason) })
    }

    async fn send(
        &self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<http::Response<WasiBody>, Failure> {
        let connections = self.connections(request.uri()).await?;
        exchange(&connections, request, options).await
    }
}

impl WasiHttpHooks for InstanceClient {
    fn send_request(&mut self, request: Request<WasiBody>, options: Option<RequestOptions>, _: Done) -> Sent {
        let (client, failures) = (self.client.clone(), self.failures.clone());
        let server = server(request.uri());
        Box::new(async move {
            let sent = client.send(request, options).await;
            let response = sent.map_err(|Failure { error, reason }| {
                reason.into_iter().for_each(|reason| failures.record(&format!("{server}: {reason}")));
                error
            })?;
            // The connection is driven by a task of its own.
            Ok((response, Box::new(std::future::ready(Ok(()))) as Done))
        })
    }
}

/// The server of an address, without the user information that an authority may have.
fn server(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    uri.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Done), Error>> + Send>;
