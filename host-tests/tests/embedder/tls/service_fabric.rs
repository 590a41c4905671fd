//! Service Fabric: the server's certificate is pinned to `IDENTITY_SERVER_THUMBPRINT`.

use super::certificates::{Authority, ServerCertificate, Validity};
use super::server::TlsServer;
use crate::machine::{VAULT, load};
use azure_identity_wasmtime::{Cloud, CredentialError, Provider, ProviderBuilder, TokenRequest};
use azure_simulator::clock::SystemClock;
use azure_simulator::network::{Network, Outcome};
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, ManagedHosts, TENANT_ID};
use azure_simulator::{Azure, Settings};
use bytes::Bytes;
use http::{Request, Response};
use std::pin::Pin;
use std::sync::Arc;
use tokio_rustls::rustls::ALL_VERSIONS;

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_with_the_thumbprint_is_trusted_whatever_else_it_says() {
    let expired = ServerCertificate::self_signed("another.name", Validity::Expired);
    let current = ServerCertificate::self_signed("another.name", Validity::Now);
    for certificate in [current, expired] {
        let server = cluster(&certificate).await;
        let token = token(configured(&server, &certificate.thumbprint())).await.expect("a token");
        assert_eq!(token, "managed-identity/service-fabric");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_is_refused_with_both_thumbprints_and_receives_no_secret() {
    let expected = ServerCertificate::self_signed("127.0.0.1", Validity::Now);
    let presented = ServerCertificate::self_signed("127.0.0.1", Validity::Now);
    let server = cluster(&presented).await;
    let error = token(configured(&server, &expected.thumbprint())).await.expect_err("it is refused");
    let reason = format!(
        "{}: expected the certificate with the SHA-1 thumbprint {} (IDENTITY_SERVER_THUMBPRINT); the server's \
         certificate was refused: the certificate presented has the thumbprint {}",
        server.address(),
        expected.thumbprint(),
        presented.thumbprint(),
    );
    assert!(error.message.ends_with(&format!("; {reason}")), "{error}");
    assert_eq!(error.details, [("connection-failure".to_owned(), reason)]);
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_certificate_without_its_key_is_refused() {
    let certificate = ServerCertificate::self_signed("127.0.0.1", Validity::Now);
    for version in ALL_VERSIONS.chunks(1) {
        let azure = Arc::new(Azure::new(SystemClock, Settings::default()));
        let copy = certificate.with_another_key();
        let server = TlsServer::start_with(&copy, azure, "https://localhost:2377", version).await;
        let error = token(configured(&server, &certificate.thumbprint())).await.expect_err("it is refused");
        assert!(error.message.contains("was refused: BadSignature"), "{error}");
        assert_eq!(server.requests(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_a_ca_issued_is_refused_all_the_same() {
    let authority = Authority::new("trusted");
    let presented = authority.issue("127.0.0.1", Validity::Now);
    let server = cluster(&presented).await;
    let thumbprint = ServerCertificate::self_signed("127.0.0.1", Validity::Now).thumbprint();
    let builder = configured(&server, &thumbprint).root_certificates(authority.pem());
    let error = token(builder).await.expect_err("it is refused");
    assert!(error.message.contains(&presented.thumbprint()), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_is_not_trusted_for_the_thumbprint() {
    let certificate = ServerCertificate::self_signed("127.0.0.1", Validity::Now);
    let (fabric, other) = (cluster(&certificate).await, cluster(&certificate).await);
    let builder = configured(&fabric, &certificate.thumbprint())
        .allow_host(other.url())
        .env("AZURE_AUTHORITY_HOST", other.url())
        .env("AZURE_DISABLE_INSTANCE_DISCOVERY", "true")
        .env("AZURE_TENANT_ID", TENANT_ID)
        .env("AZURE_CLIENT_ID", CLIENT_ID)
        .env("AZURE_CLIENT_SECRET", CLIENT_SECRET);
    let error = token(builder).await.expect_err("it is refused");
    assert!(error.message.contains("expected a certificate of a public CA of Mozilla's list"), "{error}");
    assert_eq!(other.requests(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let certificate = ServerCertificate::self_signed("127.0.0.1", Validity::Now);
    let other = cluster(&certificate).await;
    let redirect = Arc::new(Redirect(format!("{}/metadata/identity/oauth2/token", other.url())));
    let server = TlsServer::start(&certificate, redirect, "https://localhost:2377").await;
    let error = token(configured(&server, &certificate.thumbprint())).await.expect_err("it is refused");
    assert!(error.message.contains("redirects are not followed"), "{error}");
    assert_eq!((server.requests().len(), other.requests().len(), other.connections()), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_thumbprint_does_not_load() {
    let server = cluster(&ServerCertificate::self_signed("127.0.0.1", Validity::Now)).await;
    let error = load(configured(&server, "abc")).await.expect_err("it is refused");
    assert_eq!(
        error.to_string(),
        "env: IDENTITY_SERVER_THUMBPRINT must be the SHA-1 thumbprint of a certificate: 40 hexadecimal digits"
    );
}

/// The token service of the simulated cluster, with this certificate.
pub async fn cluster(certificate: &ServerCertificate) -> TlsServer {
    let azure = Azure::new(SystemClock, Settings::default());
    TlsServer::start(certificate, Arc::new(azure), "https://localhost:2377").await
}

/// A provider on a node of that cluster.
fn configured(server: &TlsServer, thumbprint: &str) -> ProviderBuilder {
    on_node(&server.url(), thumbprint)
}

/// A provider on a node whose token service has this URL.
pub fn on_node(url: &str, thumbprint: &str) -> ProviderBuilder {
    Provider::builder()
        .allow_azure(Cloud::Public)
        .env("IDENTITY_ENDPOINT", format!("{url}/metadata/identity/oauth2/token"))
        .env("IDENTITY_HEADER", ManagedHosts::default().header)
        .env("IDENTITY_SERVER_THUMBPRINT", thumbprint)
}

/// The source of the provider's first token.
pub async fn token(builder: ProviderBuilder) -> Result<String, CredentialError> {
    let provider = load(builder).await.expect("it loads");
    provider.get_token(TokenRequest::new(VAULT)).await.map(|token| token.source.clone())
}

/// Redirects every request to this address.
struct Redirect(String);

impl Network for Redirect {
    fn send(&self, _: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        let response = Response::builder().status(307).header("location", &self.0).body(Bytes::new());
        Box::pin(std::future::ready(Outcome::Response(response.expect("the address is valid"))))
    }
}
