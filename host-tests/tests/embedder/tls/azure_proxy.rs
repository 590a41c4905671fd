//! Identity bindings: the token proxy of a cluster, with a server name and a CA of its own.

use super::certificates::{Authority, Validity};
use super::server::TlsServer;
use crate::machine::{STORAGE, VAULT, load};
use azure_identity_wasmtime::{CredentialError, Provider, ProviderBuilder, TokenRequest};
use azure_simulator::clock::SystemClock;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use azure_simulator::{Azure, Settings};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const SERVER_NAME: &str = "proxy.identity-bindings.test";

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_is_verified_by_the_clusters_ca_and_for_the_server_name() {
    let cluster = Authority::new("cluster-ca");
    let server = entra(&cluster, SERVER_NAME, Validity::Now).await;
    let provider =
        load(bound(&server).env("AZURE_KUBERNETES_CA_DATA", cluster.pem())).await.expect("it loads");
    token(&provider, VAULT).await.expect("a token");
    assert_eq!(server.server_names(), [Some(SERVER_NAME.to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_is_refused_with_the_expected_ca_and_receives_no_secret() {
    let (cluster, other) = (Authority::new("cluster-ca"), Authority::new("other-ca"));
    for (issuer, name, validity, why) in [
        (&other, SERVER_NAME, Validity::Now, "UnknownIssuer"),
        (&cluster, "127.0.0.1", Validity::Now, "certificate not valid for name"),
        (&cluster, SERVER_NAME, Validity::Expired, "certificate expired"),
    ] {
        let server = entra(issuer, name, validity).await;
        let builder =
            bound(&server).env("AZURE_KUBERNETES_CA_DATA", cluster.pem()).root_certificates(other.pem());
        let provider = load(builder).await.expect("it loads");
        let error = token(&provider, VAULT).await.expect_err("it is refused");
        let reason = format!(
            "{}: expected a certificate for {SERVER_NAME} of CN=cluster-ca (AZURE_KUBERNETES_CA_DATA); the server's \
             certificate was refused: {why}",
            server.address()
        );
        assert!(error.message.contains(&reason), "{error}\n{reason}");
        assert_eq!(server.requests(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ca_file_is_read_again_when_it_changes() {
    let (first, second) = (Authority::new("first-ca"), Authority::new("second-ca"));
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("ca.crt");
    write(&file, &first.pem());
    let server = entra(&first, SERVER_NAME, Validity::Now).await;
    let builder = bound(&server).env("AZURE_KUBERNETES_CA_FILE", file.to_str().expect("the path is text"));
    let provider = load(builder).await.expect("it loads");
    let scopes = &mut SCOPES.iter();
    let mut next = || token(&provider, scopes.next().expect("there are scopes left"));

    next().await.expect("a token with the first CA");
    // What a rotation looks like while the file is written.
    write(&file, "");
    next().await.expect("an empty file keeps the first CA");
    write(&file, "-----BEGIN CERTIFICATE-----");
    let error = next().await.expect_err("the file has no certificate");
    let origin = format!("AZURE_KUBERNETES_CA_FILE, {}", file.display());
    assert!(error.message.contains(&origin), "{error}");
    write(&file, &second.pem());
    let error = next().await.expect_err("the server has a certificate of the first CA");
    let expected = format!("expected a certificate for {SERVER_NAME} of CN=second-ca ({origin})");
    assert!(error.message.contains(&expected), "{error}");
    server.present(&second.issue(SERVER_NAME, Validity::Now));
    next().await.expect("a token with the second CA");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clusters_ca_and_server_name_are_for_the_proxy_alone() {
    let (cluster, network) = (Authority::new("cluster-ca"), Authority::new("network-ca"));
    let proxy = entra(&cluster, SERVER_NAME, Validity::Now).await;
    for (issuer, is_trusted) in [(&network, true), (&cluster, false)] {
        let other = entra(issuer, "127.0.0.1", Validity::Now).await;
        let builder = bound(&proxy)
            .env("AZURE_KUBERNETES_CA_DATA", cluster.pem())
            .root_certificates(network.pem())
            .allow_host(other.url())
            .env("AZURE_AUTHORITY_HOST", other.url());
        let provider = load(builder).await.expect("it loads");
        assert_eq!(token(&provider, VAULT).await.is_ok(), is_trusted);
    }
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_option_the_variables_have_no_effect() {
    let cluster = Authority::new("cluster-ca");
    let server = entra(&cluster, SERVER_NAME, Validity::Now).await;
    let builder =
        with_variables(&server).allow_host(server.url()).env("AZURE_KUBERNETES_CA_DATA", cluster.pem());
    let provider = load(builder).await.expect("it loads");
    let error = token(&provider, VAULT).await.expect_err("the server is not trusted");
    assert!(error.message.contains("expected a certificate of a public CA"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_the_sdks_refuse_does_not_load() {
    let cases = [
        (
            ("AZURE_KUBERNETES_TOKEN_PROXY", "http://10.0.0.1"),
            "AZURE_KUBERNETES_TOKEN_PROXY must start with https://",
        ),
        (
            ("AZURE_KUBERNETES_SNI_NAME", "name"),
            "AZURE_KUBERNETES_SNI_NAME is set and AZURE_KUBERNETES_TOKEN_PROXY is not; set both or neither",
        ),
    ];
    for ((name, value), expected) in cases {
        let error = load(Provider::builder().enable_azure_proxy().env(name, value)).await.expect_err(name);
        assert_eq!(error.to_string(), format!("enable_azure_proxy: {expected}"));
    }
}

/// Microsoft Entra behind a proxy with a certificate of this CA.
async fn entra(authority: &Authority, name: &str, validity: Validity) -> TlsServer {
    let azure = Azure::new(SystemClock, Settings::default());
    let certificate = authority.issue(name, validity);
    TlsServer::start(&certificate, Arc::new(azure), "https://login.microsoftonline.com").await
}

/// A provider in a pod of that cluster.
fn bound(server: &TlsServer) -> ProviderBuilder {
    with_variables(server).enable_azure_proxy()
}

fn with_variables(server: &TlsServer) -> ProviderBuilder {
    Provider::builder()
        .env("AZURE_KUBERNETES_TOKEN_PROXY", server.url())
        .env("AZURE_KUBERNETES_SNI_NAME", SERVER_NAME)
        .env("AZURE_AUTHORITY_HOST", server.url())
        .env("AZURE_DISABLE_INSTANCE_DISCOVERY", "true")
        .env("AZURE_TENANT_ID", TENANT_ID)
        .env("AZURE_CLIENT_ID", CLIENT_ID)
        .env("AZURE_CLIENT_SECRET", CLIENT_SECRET)
}

async fn token(provider: &Provider, scope: &str) -> Result<(), CredentialError> {
    provider.get_token(TokenRequest::new(scope)).await.map(|_| ())
}

fn write(file: &Path, text: &str) {
    std::fs::write(file, text).expect("the folder is writable");
}

/// A scope for each step, so that no token comes from a cache.
const SCOPES: &[&str] = &[
    VAULT,
    STORAGE,
    "https://graph.microsoft.com/.default",
    "https://database.windows.net/.default",
    "https://servicebus.azure.net/.default",
];
