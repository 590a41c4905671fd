//! The hooks of an instance: requests to Azure are simulated, all others are refused or passed on.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use wasmtime_wasi_http::{Error, ForbiddenHeaderFilter, RequestOptions, WasiHttpHooks};

use super::network_hooks::NetworkHooks;
use crate::azure::Azure;

/// The hooks of a [`SimulatedHost`](super::SimulatedHost), for WASI 0.2 and 0.3.
pub struct SimulatedHooks {
    azure: Azure,
    network: NetworkHooks,
    other_hosts: Option<Box<dyn WasiHttpHooks>>,
}

impl SimulatedHooks {
    /// Hooks that send requests to hosts that are not simulated through `other_hosts`; `None`: to `azure` too.
    pub(super) fn new(azure: Azure, other_hosts: Option<Box<dyn WasiHttpHooks>>) -> SimulatedHooks {
        SimulatedHooks { network: NetworkHooks(Arc::new(azure.clone())), azure, other_hosts }
    }
}

impl WasiHttpHooks for SimulatedHooks {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        match &mut self.other_hosts {
            Some(hooks) => hooks.forbidden_header_filter(),
            None => self.network.forbidden_header_filter(),
        }
    }

    fn send_request(
        &mut self,
        request: Request<UnsyncBoxBody<Bytes, Error>>,
        options: Option<RequestOptions>,
        done: Done,
    ) -> Sent {
        match &mut self.other_hosts {
            Some(hooks) if !self.azure.simulates(request.uri()) => hooks.send_request(request, options, done),
            _ => self.network.send_request(request, options, done),
        }
    }
}

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(Response<UnsyncBoxBody<Bytes, Error>>, Done), Error>> + Send>;
