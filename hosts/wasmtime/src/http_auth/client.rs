//! The hooks that send the requests: the embedder's own, or wasmtime's.

use azure_http_auth_rules::target::request_target::Target;
use http::request::Parts;
use http::{HeaderValue, Response, Uri, header};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpHooks};

/// The hooks that send the requests. They are called for each request, and again for one that was challenged.
#[derive(Clone)]
pub(super) struct Client(Arc<Mutex<Box<dyn WasiHttpHooks>>>);

impl Client {
    pub(super) fn new(client: Box<dyn WasiHttpHooks>) -> Self {
        Self(Arc::new(Mutex::new(client)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Box<dyn WasiHttpHooks>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a request go to the target that was decided on, and to no other that a client could read from the app's texts.
    ///
    /// # Errors
    /// When the client does not support the scheme.
    pub(super) fn set_target(&self, head: &mut Parts, target: &Target) -> Result<(), Error> {
        let authority = target.authority();
        let uri = Uri::builder().scheme(target.scheme().name()).authority(authority.as_str());
        let uri = uri.path_and_query(target.path_with_query()).build();
        head.uri = uri.map_err(|_| Error::HttpRequestUriInvalid)?;
        head.headers.remove(header::HOST);
        let mut client = self.lock();
        if !head.uri.scheme().is_some_and(|scheme| client.is_supported_scheme(scheme)) {
            return Err(Error::HttpProtocolError);
        }
        if client.set_host_header() {
            let host = HeaderValue::from_str(&authority).map_err(|_| Error::HttpRequestUriInvalid)?;
            head.headers.insert(header::HOST, host);
        }
        Ok(())
    }
}

/// Ends when the response was processed, or the connection has ended.
pub(super) type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
/// The response, and what drives its connection.
pub(super) type Received = (Response<WasiBody>, Done);
