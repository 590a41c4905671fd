//! An HTTP app: one instance of `wasi:http/proxy`, and the requests of the test to it.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::sync::oneshot;
use wasmtime::component::{Component, Linker};
use wasmtime::error::Context;
use wasmtime::{Result, Store};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::Proxy;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;

use super::host_state::HostState;

/// An instance of an HTTP app, which lives until it is dropped or traps.
pub struct HttpApp<S: 'static = HostState> {
    store: Store<S>,
    proxy: Proxy,
}

impl<S: WasiHttpView> HttpApp<S> {
    /// Starts an instance in a store of any host.
    ///
    /// # Errors
    /// When the linker lacks an import, or the component does not export `wasi:http/incoming-handler`.
    pub async fn start(mut store: Store<S>, linker: &Linker<S>, component: &Component) -> Result<HttpApp<S>> {
        let proxy = Proxy::instantiate_async(&mut store, component, linker).await?;
        Ok(HttpApp { store, proxy })
    }

    /// Sends `GET http://app.example{path}`.
    ///
    /// # Errors
    /// As [`handle`](Self::handle).
    pub async fn get(&mut self, path: &str) -> Result<Response<Bytes>> {
        self.handle(Request::get(format!("http://app.example{path}")).body(Bytes::new())?).await
    }

    /// Sends a request with an absolute URI, and returns the whole response.
    ///
    /// # Errors
    /// When the app traps, or sends an error or nothing in place of a response.
    pub async fn handle(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let (sender, receiver) = oneshot::channel();
        let state = self.store.data_mut();
        let request = state.http().new_incoming_request(Scheme::Http, request.map(Full::new))?;
        let out = state.http().new_response_outparam(sender)?;
        let handled = self.proxy.wasi_http_incoming_handler().call_handle(&mut self.store, request, out);
        let response = async {
            let response = receiver.await.context("the app sent no response")??;
            let (head, body) = response.into_parts();
            Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
        };
        // The first error ends both: after a trap no response comes.
        let ((), response) = tokio::try_join!(handled, response)?;
        Ok(response)
    }

    /// Its store, e.g. to read the state of a host of the test's own.
    pub fn store(&mut self) -> &mut Store<S> {
        &mut self.store
    }
}
