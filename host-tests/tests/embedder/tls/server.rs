//! A service of the simulated Azure behind TLS, on loopback.

use super::certificates::ServerCertificate;
use azure_simulator::network::{Network, Outcome};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ALL_VERSIONS, ServerConfig, SupportedProtocolVersion};

/// A server of rustls and hyper. It listens until the test's runtime ends.
#[derive(Clone)]
pub struct TlsServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    network: Arc<dyn Network>,
    /// The scheme and authority by which `network` knows the service.
    origin: String,
    certificate: Certificate,
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

#[derive(Clone, Debug)]
struct Certificate(Arc<Mutex<Presented>>);

#[derive(Debug)]
struct Presented {
    key: Arc<CertifiedKey>,
    /// The server names that clients sent, `None` for none.
    names: Vec<Option<String>>,
}

impl TlsServer {
    /// Starts a server which presents the certificate, and whose requests `network` answers as those to `origin`.
    pub async fn start(certificate: &ServerCertificate, network: Arc<dyn Network>, origin: &str) -> Self {
        Self::start_with(certificate, network, origin, ALL_VERSIONS).await
    }

    /// As [`start`](Self::start), with these versions of TLS alone.
    pub async fn start_with(
        certificate: &ServerCertificate,
        network: Arc<dyn Network>,
        origin: &str,
        versions: &'static [&'static SupportedProtocolVersion],
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let presented = Presented { key: certificate.certified_key(), names: Vec::new() };
        let shared = Arc::new(Shared {
            network,
            origin: origin.to_owned(),
            certificate: Certificate(Arc::new(Mutex::new(presented))),
            connections: AtomicUsize::new(0),
            requests: Mutex::default(),
        });
        let server = Self { address: listener.local_addr().expect("it listens"), shared };
        tokio::spawn(server.clone().listen(listener, versions));
        server
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL by address.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The methods and paths of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().expect("no thread panicked").clone()
    }

    /// The server names that clients sent; `None` for none.
    pub fn server_names(&self) -> Vec<Option<String>> {
        self.shared.certificate.0.lock().expect("no thread panicked").names.clone()
    }

    /// Presents another certificate on connections from now on.
    pub fn present(&self, certificate: &ServerCertificate) {
        self.shared.certificate.0.lock().expect("no thread panicked").key = certificate.certified_key();
    }

    async fn listen(self, listener: TcpListener, versions: &[&'static SupportedProtocolVersion]) {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("ring supports them")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(self.shared.certificate.clone()));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            self.shared.connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(Arc::clone(&self.shared).serve(acceptor.clone(), stream));
        }
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, acceptor: TlsAcceptor, stream: TcpStream) {
        // A client that refuses the certificate ends the handshake.
        let Ok(stream) = acceptor.accept(stream).await else { return };
        let service = service_fn(|request| Arc::clone(&self).respond(request));
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn respond(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let (mut head, body) = request.into_parts();
        let line = format!("{} {}", head.method, head.uri);
        self.requests.lock().expect("no thread panicked").push(line);
        head.uri = format!("{}{}", self.origin, head.uri).parse().expect("the path is valid");
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let outcome = self.network.send(Request::from_parts(head, body)).await;
        let Outcome::Response(response) = outcome else {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
            return Ok(response);
        };
        Ok(response.map(Full::new))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut presented = self.0.lock().expect("no thread panicked");
        presented.names.push(hello.server_name().map(ToOwned::to_owned));
        Some(Arc::clone(&presented.key))
    }
}
