//! The server of a request: what the rules of a connection are bound to.

use azure_token_rules::host::Host;
use http::Uri;
use http::uri::Scheme;
use std::fmt;

/// A host and a port that are reached by `https`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    host: Host,
    port: u16,
}

impl Endpoint {
    /// The endpoint of an address; `None` when it has another scheme than `https`, or a host that two parsers could read
    /// differently.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        if uri.scheme() != Some(&Scheme::HTTPS) {
            return None;
        }
        let host = Host::parse(uri.host()?).ok()?;
        Some(Self { host, port: uri.port_u16().unwrap_or(443) })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}:{}", self.host, self.port)
    }
}
