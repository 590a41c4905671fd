//! A host's list of allowed hosts.

use azure_simulator::Azure;
use bytes::Bytes;
use host_tests::network::{Fault, Network, Outcome};
use http::Request;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Mutex;

/// Denies what is not on the list, and remembers what was asked.
pub struct Fence {
    azure: Azure,
    allowed: BTreeSet<String>,
    used: Mutex<BTreeSet<String>>,
}

impl Fence {
    /// Azure, as far as these hosts go: `scheme://host[:port]`, as Spin and wasmCloud write them.
    pub fn around(azure: Azure, allowed: &BTreeSet<String>) -> Fence {
        Fence { azure, allowed: allowed.clone(), used: Mutex::default() }
    }

    /// The allowed hosts that were asked.
    pub fn used(&self) -> BTreeSet<String> {
        self.used.lock().expect("nobody panics with it").clone()
    }
}

impl Network for Fence {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        let uri = request.uri();
        let (scheme, host) =
            (uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |it| it.as_str()));
        let host = format!("{scheme}://{host}");
        if !self.allowed.contains(&host) {
            return Box::pin(std::future::ready(Outcome::Fault(Fault::Denied)));
        }
        self.used.lock().expect("nobody panics with it").insert(host);
        self.azure.send(request)
    }
}
