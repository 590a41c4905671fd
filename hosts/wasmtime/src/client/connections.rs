//! A pool of connections whose servers are verified by the same rules.

use super::pinned::{PinnedCertificate, Thumbprint};
use super::roots::Roots;
use super::route::{Route, Through};
use hyper_rustls::{DefaultServerNameResolver, FixedServerNameResolver, HttpsConnector, ResolveServerName};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi_http::WasiBody;

/// Connections to servers, open and idle ones. A connection that is idle for 30 s is closed, and of the idle ones to a
/// server at most 8 are kept.
pub(crate) struct Connections {
    pub(crate) client: Client<HttpsConnector<Route>, WasiBody>,
    /// The certificate that a server has to present, for messages.
    pub(crate) expected: String,
}

impl Connections {
    /// Connections to servers with a certificate of one of the CAs, through a proxy if there is one.
    pub(crate) fn public(roots: &Roots, through: Option<Through>) -> Result<Self, rustls::Error> {
        let names = Arc::new(DefaultServerNameResolver::default());
        let tls = trusting(roots)?;
        Ok(Self::new(tls, names, through, format!("a certificate of {}", roots.name)))
    }

    /// Direct connections to a server with a certificate of one of the CAs, and for `server_name` if there is one instead
    /// of the name in the address.
    pub(crate) fn private(
        roots: &Roots,
        server_name: Option<&ServerName<'static>>,
    ) -> Result<Self, rustls::Error> {
        let tls = trusting(roots)?;
        let Some(name) = server_name else {
            let names = Arc::new(DefaultServerNameResolver::default());
            return Ok(Self::new(tls, names, None, format!("a certificate of {}", roots.name)));
        };
        let expected = format!("a certificate for {} of {}", name.to_str(), roots.name);
        Ok(Self::new(tls, Arc::new(FixedServerNameResolver::new(name.clone())), None, expected))
    }

    /// Direct connections to a server whose certificate has the thumbprint. `variable` has it, for messages.
    pub(crate) fn pinned(thumbprint: Thumbprint, variable: &str) -> Result<Self, rustls::Error> {
        let provider = provider();
        let verifier = PinnedCertificate { expected: thumbprint, provider: Arc::clone(&provider) };
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let expected = format!("the certificate with the SHA-1 thumbprint {thumbprint} ({variable})");
        Ok(Self::new(tls, Arc::new(DefaultServerNameResolver::default()), None, expected))
    }

    fn new(
        tls: ClientConfig,
        names: Arc<dyn ResolveServerName + Send + Sync>,
        through: Option<Through>,
        expected: String,
    ) -> Self {
        let connector = HttpsConnector::new(Route::new(through), tls, false, names);
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(MAX_IDLE)
            .build(connector);
        Self { client, expected }
    }
}

/// Accepts certificates of these CAs, with the rules of rustls.
pub(crate) fn trusting(roots: &Roots) -> Result<ClientConfig, rustls::Error> {
    Ok(ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots.store.clone())
        .with_no_client_auth())
}

/// The implementation of cryptography that wasmtime-wasi-http links as well. Named, because rustls panics when a program
/// links two and none is named.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Less than the time after which the usual servers close: a request on a connection that is being closed would fail.
const IDLE: Duration = Duration::from_secs(30);

/// The calls of a provider of the default size.
const MAX_IDLE: usize = 8;
