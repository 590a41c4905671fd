//! Azurite, Microsoft's emulator of Azure Storage, which checks the times, the issuer and the audience of a token.
//! It takes tokens over TLS alone, with a certificate made for the test, which this host trusts.

use anyhow::{Context, Result};
use azure_simulator::{Azure, Settings};
use bytes::Bytes;
use host_tests::clock::Clock;
use host_tests::foreign;
use host_tests::network::{Fault, Network, Outcome};
use host_tests::running::Running;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use std::pin::Pin;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The account that Azurite always has, as accounts on Azure are addressed.
pub const ACCOUNT: &str = "devstoreaccount1.blob.core.windows.net";

/// Azurite, running.
pub struct Azurite {
    pub authority: String,
    certificate: CertificateDer<'static>,
    _process: Running,
    _folder: TempDir,
}

impl Azurite {
    /// `None`: it or Node is missing.
    pub fn start() -> Result<Option<Azurite>> {
        let (Some(node), Some(script)) = (foreign::node()?, foreign::azurite()?) else { return Ok(None) };
        let folder = TempDir::new()?;
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), ACCOUNT.to_owned()])?;
        let certificate = made.cert.der().clone();
        let key = pem("PRIVATE KEY", &made.signing_key.serialize_der());
        let files = [("cert.pem", pem("CERTIFICATE", &certificate)), ("key.pem", key)];
        files.iter().try_for_each(|(name, text)| std::fs::write(folder.path().join(name), text))?;
        let mut command = Command::new(node);
        command.arg(script).current_dir(&folder).args(["--blobHost", "127.0.0.1", "--blobPort", "0"]);
        command.args(["--oauth", "basic", "--cert", "cert.pem", "--key", "key.pem"]);
        command.args(["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]);
        let mut process = Running::start(&mut command)?;
        let authority = process.wait_for("successfully listens on https://")?;
        Ok(Some(Azurite { authority, certificate, _process: process, _folder: folder }))
    }

    /// Where [`ACCOUNT`] is when names do not lead to it.
    pub fn account(&self) -> String {
        format!("https://{}/devstoreaccount1", self.authority)
    }
}

/// RFC 7468, by hand: rcgen's own brings a crate more.
fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::prelude::BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A network with the simulated Azure and one real server in it.
pub struct Neighbourhood {
    pub azure: Azure,
    pub authority: String,
    pub trusted: Vec<CertificateDer<'static>>,
}

impl Network for Neighbourhood {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        if request.uri().authority().is_some_and(|it| it.as_str() == self.authority || it.as_str() == ACCOUNT)
        {
            return Box::pin(async {
                let answer = self.forward(request).await;
                answer.unwrap_or(Outcome::Fault(Fault::TlsError))
            });
        }
        self.azure.send(request)
    }
}

impl Neighbourhood {
    /// Sends a request over TLS, as any client does.
    pub async fn forward(&self, request: Request<Bytes>) -> Result<Outcome> {
        let mut roots = RootCertStore::empty();
        self.trusted.iter().try_for_each(|certificate| roots.add(certificate.clone()))?;
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(request.uri().host().context("a request has a host")?.to_owned())?;
        let stream = TcpStream::connect(&self.authority).await?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (mut head, body) = request.into_parts();
        head.uri = head.uri.path_and_query().context("a request has a path")?.as_str().parse()?;
        let response = sender.send_request(Request::from_parts(head, Full::new(body))).await?;
        let (head, body) = response.into_parts();
        Ok(Outcome::Response(http::Response::from_parts(head, body.collect().await?.to_bytes())))
    }
}

/// An Azure that lives by `clock`, beside a server whose certificate is trusted.
pub fn neighbourhood(clock: &Clock, azurite: &Azurite) -> Neighbourhood {
    let azure = Azure::new(clock.clone(), Settings::default());
    let (authority, trusted) = (azurite.authority.clone(), vec![azurite.certificate.clone()]);
    Neighbourhood { azure, authority, trusted }
}
