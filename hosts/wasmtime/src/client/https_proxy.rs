//! The HTTP proxy through which requests leave the network, and the hosts that are never reached through it.

use azure_token_rules::host::Host;
use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::fmt;

/// A proxy for requests by `https`. `Debug` is not implemented, because its URL may have credentials.
pub(crate) struct HttpsProxy {
    matcher: Matcher,
    /// The hosts of managed identity endpoints that variables name.
    direct: Vec<Host>,
}

impl HttpsProxy {
    /// A proxy by its URL, the hosts that are reached without it (the rules of `NO_PROXY`), and the hosts of managed
    /// identity endpoints.
    ///
    /// # Errors
    /// What is wrong with the URL; the message does not repeat it.
    pub(crate) fn new(url: &str, no_proxy: &str, direct: Vec<Host>) -> Result<Self, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "the proxy's URL is malformed")?;
        if !matches!(uri.scheme_str(), None | Some("http" | "https")) {
            return Err("the proxy's URL must start with http:// or https://");
        }
        let matcher = Matcher::builder().https(url.to_owned()).no(no_proxy.to_owned()).build();
        // The matcher ignores a URL that it cannot read; requests would leave without the proxy.
        let any = Uri::from_static("https://any.example");
        let is_read = Matcher::builder().https(url.to_owned()).build().intercept(&any).is_some();
        if is_read { Ok(Self { matcher, direct }) } else { Err("the proxy's URL is malformed") }
    }

    /// The proxy for a request; `None`: it is sent directly. Requests by plain `http` always are, because those of a
    /// provider go to metadata services.
    pub(crate) fn intercept(&self, destination: &Uri) -> Option<Intercept> {
        let host = destination.host()?;
        // A host that parsers read differently may be a metadata service for the proxy.
        let host = Host::parse(host).ok()?;
        let is_direct = host.is_this_machine() || host.is_metadata_service() || self.direct.contains(&host);
        if is_direct { None } else { self.matcher.intercept(destination) }
    }
}

/// The values of `HTTPS_PROXY` and `NO_PROXY`, or of their names in lower case; `None` when there is no proxy.
pub(crate) fn from_variables(lookup: impl Fn(&str) -> Option<String>) -> Option<(String, String)> {
    let either =
        |names: [&str; 2]| names.into_iter().find_map(|name| lookup(name).filter(|it| !it.is_empty()));
    let url = either(["HTTPS_PROXY", "https_proxy"])?;
    Some((url, either(["NO_PROXY", "no_proxy"]).unwrap_or_default()))
}

/// Why a proxy gave no connection. Names the proxy by its host and port alone.
#[derive(Debug)]
pub(crate) struct ProxyError {
    pub(crate) authority: String,
    pub(crate) source: Box<dyn std::error::Error + Send + Sync>,
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {} gave no connection: {}", self.authority, self.source)?;
        let mut source = self.source.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for ProxyError {}

#[cfg(test)]
mod tests;
