//! Connections: their reuse, and the CAs that the embedder adds.

use super::certificates::{Authority, Validity};
use super::server::TlsServer;
use super::service_fabric::token;
use crate::machine::{VAULT, load};
use azure_identity_wasmtime::{Provider, ProviderBuilder, TokenRequest};
use azure_simulator::clock::SystemClock;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, DEFAULT_RESOURCES, TENANT_ID};
use azure_simulator::{Azure, Settings};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_further_ca_is_trusted() {
    let authority = Authority::new("network-ca");
    let server = entra(&authority, Settings::default()).await;
    let error = token(client(&server)).await.expect_err("the CA is unknown");
    assert!(error.message.contains("expected a certificate of a public CA of Mozilla's list; "), "{error}");
    assert_eq!(token(client(&server).root_certificates(authority.pem())).await.expect("a token"), SOURCE);
    let error = load(Provider::builder().root_certificates("no PEM")).await.expect_err("it is refused");
    let expected = "root_certificates: root_certificates has no certificate of a CA in PEM";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_one_after_another_share_a_connection() {
    let authority = Authority::new("network-ca");
    let server = entra(&authority, Settings::default()).await;
    let provider = load(client(&server).root_certificates(authority.pem())).await.expect("it loads");
    let resources = &DEFAULT_RESOURCES[..10];
    for resource in resources {
        let scope = format!("{resource}/.default");
        provider.get_token(TokenRequest::new(scope)).await.expect("a token");
    }
    assert_eq!((server.requests().len(), server.connections()), (resources.len(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_uses_the_connections_of_its_predecessor() {
    let authority = Authority::new("network-ca");
    // Two requests fail, and their call is cancelled in the pause of 1.6 s before the third.
    let settings = "faults = [ { status = 500, times = 2 } ]".parse().expect("the settings are valid");
    let server = entra(&authority, settings).await;
    let builder = client(&server).root_certificates(authority.pem()).call_timeout(Duration::from_secs(1));
    let provider = load(builder).await.expect("it loads");
    let request = || TokenRequest::new(VAULT);
    provider.get_token(request()).await.expect_err("the call takes too long");
    provider.get_token(request()).await.expect("a token");
    assert_eq!((provider.metrics().instances_started, server.connections()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_of_the_client_that_the_embedder_replaced_does_not_load() {
    let azure = Azure::new(SystemClock, Settings::default());
    let network: Arc<dyn azure_simulator::network::Network> = Arc::new(azure);
    let builder = Provider::builder()
        .http_client(move || host_tests::network::NetworkHooks(Arc::clone(&network)))
        .https_proxy("http://proxy.contoso.com:8080");
    assert_eq!(
        load(builder).await.expect_err("it is refused").to_string(),
        "https_proxy: http_client replaces the HTTP client that this option is for; remove one of them"
    );
}

/// Microsoft Entra at an address on loopback.
async fn entra(authority: &Authority, settings: Settings) -> TlsServer {
    let azure = Azure::new(SystemClock, settings);
    let certificate = authority.issue("127.0.0.1", Validity::Now);
    TlsServer::start(&certificate, Arc::new(azure), "https://login.microsoftonline.com").await
}

/// A provider with a client secret, whose authority is the server.
fn client(server: &TlsServer) -> ProviderBuilder {
    Provider::builder()
        .allow_host(server.url())
        .env("AZURE_AUTHORITY_HOST", server.url())
        .env("AZURE_DISABLE_INSTANCE_DISCOVERY", "true")
        .env("AZURE_TENANT_ID", TENANT_ID)
        .env("AZURE_CLIENT_ID", CLIENT_ID)
        .env("AZURE_CLIENT_SECRET", CLIENT_SECRET)
}

const SOURCE: &str = "environment/client-secret";
