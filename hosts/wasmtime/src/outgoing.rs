//! The hosts that a provider may send requests to.

use crate::failures::ConnectionFailures;
use crate::warnings::{Warning, Warnings};
use http::{HeaderName, Request, Uri, uri::Scheme};
use std::sync::Arc;
use wasmtime_wasi_http::{Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks};

/// Makes the HTTP client of one instance.
pub(crate) type MakeClient = dyn Fn(&ConnectionFailures) -> Box<dyn WasiHttpHooks> + Send + Sync;

/// The HTTP client of one instance, restricted to the allowed hosts.
pub(crate) struct Outgoing {
    pub(crate) allowed: AllowedHosts,
    pub(crate) client: Box<dyn WasiHttpHooks>,
    pub(crate) warnings: Arc<Warnings>,
}

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        done: Done,
    ) -> Sent {
        if self.allowed.matches(request.uri()) {
            return self.client.send_request(request, options, done);
        }
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        if let Some(left_out) = self.warnings.permit(Warning::HostDenied) {
            tracing::warn!(
                authority,
                left_out,
                "the provider may not send requests to this host; allow_host or allow_azure allows it"
            );
        }
        Box::new(std::future::ready(Err(Error::HttpRequestDenied)))
    }

    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        self.client.is_forbidden_header(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        self.client.forbidden_header_filter()
    }

    fn is_supported_scheme(&mut self, scheme: &Scheme) -> bool {
        self.client.is_supported_scheme(scheme)
    }

    fn set_host_header(&mut self) -> bool {
        self.client.set_host_header()
    }

    fn default_scheme(&mut self) -> Option<Scheme> {
        self.client.default_scheme()
    }
}

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Done), Error>> + Send>;

/// The hosts that requests may go to; none by default.
#[derive(Clone, Debug)]
pub(crate) enum AllowedHosts {
    Any,
    Listed(Arc<[AllowedHost]>),
}

impl AllowedHosts {
    fn matches(&self, uri: &Uri) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(hosts) => hosts.iter().any(|host| host.matches(uri)),
        }
    }
}

impl Default for AllowedHosts {
    fn default() -> Self {
        Self::Listed(Arc::default())
    }
}

/// A host that requests may go to: `https://login.microsoftonline.com`, `http://169.254.169.254`,
/// `https://*.identity.azure.net:8080`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllowedHost {
    scheme: Scheme,
    /// In lower case; a leading `*.` stands for one label or more.
    host: String,
    port: u16,
}

impl AllowedHost {
    /// Parses a scheme and a host, with or without a port.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let malformed = || format!("'{text}' is not a scheme and a host alone; write it like {EXAMPLE}");
        // The URI parser refuses a `*` in an authority.
        let (is_any, plain) = match text.split_once("://*.") {
            Some((scheme, rest)) => (true, format!("{scheme}://{rest}")),
            None => (false, text.to_owned()),
        };
        let uri: Uri = plain.parse().map_err(|_| malformed())?;
        let (scheme, authority) = uri.scheme().zip(uri.authority()).ok_or_else(malformed)?;
        let is_bare = uri.path() == "/" && !plain.ends_with('/') && uri.query().is_none();
        if !is_bare || authority.as_str().contains(['@', '*']) || authority.host().is_empty() {
            return Err(malformed());
        }
        let host = authority.host().to_ascii_lowercase();
        let host = if is_any { format!("*.{host}") } else { host };
        let port = port(scheme, &uri).ok_or_else(malformed)?;
        Ok(Self { scheme: scheme.clone(), host, port })
    }

    pub(crate) fn matches(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme(), uri.host()) else { return false };
        let host = host.to_ascii_lowercase();
        let is_host = match self.host.strip_prefix('*') {
            Some(end) => host.len() > end.len() && host.ends_with(end),
            None => host == self.host,
        };
        is_host && *scheme == self.scheme && port(scheme, uri) == Some(self.port)
    }
}

fn port(scheme: &Scheme, uri: &Uri) -> Option<u16> {
    let default = if *scheme == Scheme::HTTPS {
        Some(443)
    } else if *scheme == Scheme::HTTP {
        Some(80)
    } else {
        None
    };
    default.map(|default| uri.port_u16().unwrap_or(default))
}

const EXAMPLE: &str = "https://login.microsoftonline.com";

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, uri: &str) -> bool {
        AllowedHost::parse(pattern).expect(pattern).matches(&uri.parse().expect(uri))
    }

    #[test]
    fn a_host_is_allowed_by_scheme_name_and_port() {
        let entra = "https://login.microsoftonline.com";
        assert!(allows(entra, "https://login.microsoftonline.com/t/oauth2/v2.0/token"));
        assert!(allows(entra, "https://LOGIN.microsoftonline.com:443/"));
        for other in [
            "http://login.microsoftonline.com/",
            "https://login.microsoftonline.com:8443/",
            "https://evil.login.microsoftonline.com/",
            "https://login.microsoftonline.com.evil.example/",
            "https://evillogin.microsoftonline.com/",
        ] {
            assert!(!allows(entra, other), "{other}");
        }
        assert!(allows("http://127.0.0.1:8169", "http://127.0.0.1:8169/metadata"));
    }

    #[test]
    fn a_star_stands_for_labels_and_not_for_the_name_itself() {
        let any = "https://*.login.microsoft.com";
        assert!(allows(any, "https://westeurope.login.microsoft.com/"));
        assert!(allows(any, "https://a.b.login.microsoft.com/"));
        for other in [
            "https://login.microsoft.com/",
            "https://evillogin.microsoft.com/",
            "https://.login.microsoft.com/",
        ] {
            let uri = other.parse::<Uri>();
            assert!(uri.is_err() || !allows(any, other), "{other}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_host_is_refused() {
        for text in [
            "login.microsoftonline.com",
            "https://",
            "*",
            "https://*",
            "https://a/",
            "https://a/path",
            "https://a?b",
            "https://user@a",
            "https://a.*.b",
            "ftp://a",
            "",
        ] {
            let error = AllowedHost::parse(text).expect_err(text);
            assert_eq!(
                error,
                format!(
                    "'{text}' is not a scheme and a host alone; write it like https://login.microsoftonline.com"
                )
            );
        }
    }
}
