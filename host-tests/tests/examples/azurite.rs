//! Azurite, Microsoft's emulator of Azure Storage, which validates the times, the issuer and the audience of a token.
//! It accepts tokens over TLS only, so the test generates a certificate, which the test host trusts.

use anyhow::{Context, Result};
use azure_simulator::{Azure, Settings};
use bytes::Bytes;
use host_tests::background_program::BackgroundProgram;
use host_tests::clock::Clock;
use host_tests::external_tools;
use host_tests::network::{Fault, Network, Outcome};
use host_tests::pem::pem;
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

/// The host name of Azurite's default account, in the format of accounts on Azure.
pub const ACCOUNT: &str = "devstoreaccount1.blob.core.windows.net";

/// A running Azurite.
pub struct Azurite {
    pub authority: String,
    certificate: CertificateDer<'static>,
    _process: BackgroundProgram,
    _folder: TempDir,
}

impl Azurite {
    /// Starts Azurite; `None`: Azurite or Node is missing.
    pub fn start() -> Result<Option<Azurite>> {
        let (Some(node), Some(script)) = (external_tools::node()?, external_tools::azurite()?) else {
            return Ok(None);
        };
        let folder = TempDir::new()?;
        let generated = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), ACCOUNT.to_owned()])?;
        let certificate = generated.cert.der().clone();
        let key = pem("PRIVATE KEY", &generated.signing_key.serialize_der());
        let files = [("cert.pem", pem("CERTIFICATE", &certificate)), ("key.pem", key)];
        files.iter().try_for_each(|(name, text)| std::fs::write(folder.path().join(name), text))?;
        let mut command = Command::new(node);
        command.arg(script).current_dir(&folder).args(["--blobHost", "127.0.0.1", "--blobPort", "0"]);
        command.args(["--oauth", "basic", "--cert", "cert.pem", "--key", "key.pem"]);
        command.args(["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]);
        let mut process = BackgroundProgram::start(&mut command)?;
        let authority = process.wait_for("successfully listens on https://")?;
        Ok(Some(Azurite { authority, certificate, _process: process, _folder: folder }))
    }

    /// The URL of the account by address, for clients that do not resolve [`ACCOUNT`].
    pub fn account(&self) -> String {
        format!("https://{}/devstoreaccount1", self.authority)
    }
}

/// A network with the simulated Azure and Azurite.
pub struct NetworkWithAzurite {
    pub azure: Azure,
    pub authority: String,
    pub trusted: Vec<CertificateDer<'static>>,
}

impl Network for NetworkWithAzurite {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        if request.uri().authority().is_some_and(|it| it.as_str() == self.authority || it.as_str() == ACCOUNT)
        {
            return Box::pin(async {
                let response = self.forward(request).await;
                response.unwrap_or(Outcome::Fault(Fault::TlsError))
            });
        }
        self.azure.send(request)
    }
}

impl NetworkWithAzurite {
    /// Sends a request to Azurite over TLS.
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

/// The simulated Azure on `clock`, and Azurite with its certificate trusted.
pub fn network_with(clock: &Clock, azurite: &Azurite) -> NetworkWithAzurite {
    let azure = Azure::new(clock.clone(), Settings::default());
    let (authority, trusted) = (azurite.authority.clone(), vec![azurite.certificate.clone()]);
    NetworkWithAzurite { azure, authority, trusted }
}
