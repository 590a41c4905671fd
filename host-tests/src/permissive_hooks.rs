//! A host that keeps no header from its guests: nothing that a guest's security rests on may depend on the host's list.

use crate::network::NetworkHooks;
use std::sync::Arc;
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks, default_send_request,
};

/// The hooks of such a host, over a simulated network or, with `None`, the real one.
pub struct PermissiveHooks(pub Option<NetworkHooks>);

impl WasiHttpHooks for PermissiveHooks {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|_| false)
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        done: Done,
    ) -> Sent {
        match &mut self.0 {
            Some(network) => network.send_request(request, options, done),
            None => Box::new(async move {
                let (response, io) = default_send_request(request, options).await?;
                Ok((response.map(http_body_util::BodyExt::boxed_unsync), Box::new(io) as Done))
            }),
        }
    }
}

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Done), Error>> + Send>;
