//! A host's list of allowed hosts.

use azure_simulator::Azure;
use bytes::Bytes;
use host_tests::network::{Fault, Network, Outcome};
use http::Request;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Mutex;

/// Denies requests to hosts outside the list, and records the hosts that were called.
pub struct Allowlist {
    azure: Azure,
    allowed: BTreeSet<String>,
    used: Mutex<BTreeSet<String>>,
}

impl Allowlist {
    /// The simulated Azure behind a list of hosts in the format of Spin and wasmCloud: `scheme://host[:port]`.
    pub fn new(azure: Azure, allowed: &BTreeSet<String>) -> Allowlist {
        Allowlist { azure, allowed: allowed.clone(), used: Mutex::default() }
    }

    /// The allowed hosts that were called.
    pub fn used(&self) -> BTreeSet<String> {
        self.used.lock().expect("the lock is not poisoned").clone()
    }
}

impl Network for Allowlist {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        let uri = request.uri();
        let (scheme, host) =
            (uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |it| it.as_str()));
        let host = format!("{scheme}://{host}");
        if !self.allowed.contains(&host) {
            return Box::pin(std::future::ready(Outcome::Fault(Fault::Denied)));
        }
        self.used.lock().expect("the lock is not poisoned").insert(host);
        self.azure.send(request)
    }
}
