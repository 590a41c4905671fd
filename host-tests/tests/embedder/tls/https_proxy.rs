//! The HTTP proxy of a network.

use super::certificates::{Authority, Validity};
use super::connect_proxy::ConnectProxy;
use super::server::TlsServer;
use super::service_fabric::token;
use crate::machine::load;
use azure_identity_wasmtime::{Cloud, Provider, ProviderBuilder};
use azure_simulator::clock::SystemClock;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, ManagedHosts, TENANT_ID};
use azure_simulator::{Azure, Settings};
use std::sync::Arc;

/// A name that does not resolve (RFC 6761), so that a request to it arrives through the proxy alone.
const HOST: &str = "login.contoso.test";

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_through_a_tunnel_in_which_tls_is_end_to_end() {
    let authority = Authority::new("network-ca");
    let server = entra(&authority).await;
    let proxy = ConnectProxy::start(server.address(), None).await;
    let builder = client(&authority).https_proxy(format!("http://{}", proxy.address()));
    assert_eq!(token(builder).await.expect("a token"), "environment/client-secret");
    let connect = vec![format!("CONNECT {HOST}:443 HTTP/1.1"), format!("Host: {HOST}:443")];
    assert_eq!(proxy.requests(), [connect]);
    assert_eq!(server.server_names(), [Some(HOST.to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxys_credentials_are_sent_to_it_and_shown_nowhere() {
    let authority = Authority::new("network-ca");
    let server = entra(&authority).await;
    let proxy = ConnectProxy::start(server.address(), Some("Basic dXNlcjpwOnNlY3JldA==")).await;
    let url = format!("http://user:p%3Asecret@{}", proxy.address());
    token(client(&authority).https_proxy(url)).await.expect("a token");

    let wrong = format!("http://user:wrong-secret@{}", proxy.address());
    let error = token(client(&authority).https_proxy(wrong)).await.expect_err("the proxy refuses");
    let reason = format!(
        "{HOST}: the proxy {} gave no connection: tunnel error: proxy authorization required",
        proxy.address()
    );
    assert!(error.message.contains(&reason), "{error}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managed_identity_endpoint_is_reached_directly() {
    let authority = Authority::new("network-ca");
    let azure = Azure::new(SystemClock, Settings::default());
    let certificate = authority.issue("127.0.0.1", Validity::Now);
    let server = TlsServer::start(&certificate, Arc::new(azure), "http://127.0.0.1:41741").await;
    let proxy = ConnectProxy::start(server.address(), None).await;
    let builder = Provider::builder()
        .allow_azure(Cloud::Public)
        .root_certificates(authority.pem())
        .https_proxy(format!("http://{}", proxy.address()))
        .env("IDENTITY_ENDPOINT", format!("{}/msi/token", server.url()))
        .env("IDENTITY_HEADER", ManagedHosts::default().header);
    assert_eq!(token(builder).await.expect("a token"), "managed-identity/app-service");
    assert_eq!(proxy.requests(), Vec::<Vec<String>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_that_is_not_a_proxys_does_not_load_and_is_not_shown() {
    let error =
        load(Provider::builder().https_proxy("socks5://user:secret@proxy")).await.expect_err("it is refused");
    assert_eq!(error.to_string(), "https_proxy: the proxy's URL must start with http:// or https://");
}

/// Microsoft Entra with a certificate for [`HOST`].
async fn entra(authority: &Authority) -> TlsServer {
    let azure = Azure::new(SystemClock, Settings::default());
    let certificate = authority.issue(HOST, Validity::Now);
    TlsServer::start(&certificate, Arc::new(azure), "https://login.microsoftonline.com").await
}

/// A provider with a client secret, whose authority is [`HOST`].
fn client(authority: &Authority) -> ProviderBuilder {
    Provider::builder()
        .allow_host(format!("https://{HOST}"))
        .root_certificates(authority.pem())
        .env("AZURE_AUTHORITY_HOST", format!("https://{HOST}"))
        .env("AZURE_DISABLE_INSTANCE_DISCOVERY", "true")
        .env("AZURE_TENANT_ID", TENANT_ID)
        .env("AZURE_CLIENT_ID", CLIENT_ID)
        .env("AZURE_CLIENT_SECRET", CLIENT_SECRET)
}
