//! Workload identity in a cluster with identity bindings, from the app's request to the cluster's token proxy.

use super::certificates::{Authority, Validity};
use super::server::TlsServer;
use crate::machine::{VAULT, load};
use azure_identity_wasmtime::{Provider, ProviderBuilder, TokenRequest};
use azure_simulator::clock::{Clock, SystemClock};
use azure_simulator::settings::{
    CLIENT_ID, CLUSTER_ISSUER, SERVICE_ACCOUNT, TENANT_ID, TOKEN_EXCHANGE_AUDIENCE,
};
use azure_simulator::{Azure, Settings, jwt};
use serde_json::json;
use std::sync::Arc;
use tempfile::TempDir;

const SERVER_NAME: &str = "proxy.identity-bindings.test";

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_pod_comes_from_the_clusters_proxy() {
    let (cluster, folder) = (Authority::new("cluster-ca"), service_account());
    let enabled: [fn(ProviderBuilder) -> ProviderBuilder; 2] =
        [ProviderBuilder::enable_azure_proxy, |builder| {
            builder.env("AZURE_IDENTITY_ENABLE_AZURE_PROXY", "true")
        }];
    for enable in enabled {
        let server = token_proxy(&cluster).await;
        let builder = enable(pod(&server, &folder)).env("AZURE_KUBERNETES_CA_DATA", cluster.pem());
        let provider = load(builder).await.expect("it loads");
        let token = provider.get_token(TokenRequest::new(VAULT)).await.expect("a token");
        assert_eq!(token.source, "workload-identity");
        assert_eq!(server.requests(), [format!("POST /{TENANT_ID}/oauth2/v2.0/token")]);
        assert_eq!(server.server_names(), [Some(SERVER_NAME.to_owned())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_another_cluster_is_refused_with_the_expected_ca_and_receives_no_assertion() {
    let (cluster, other) = (Authority::new("cluster-ca"), Authority::new("other-ca"));
    let server = token_proxy(&other).await;
    let folder = service_account();
    let builder = pod(&server, &folder).enable_azure_proxy().env("AZURE_KUBERNETES_CA_DATA", cluster.pem());
    let provider = load(builder).await.expect("it loads");
    let error = provider.get_token(TokenRequest::new(VAULT)).await.expect_err("it is refused");
    let expected =
        format!("expected a certificate for {SERVER_NAME} of CN=cluster-ca (AZURE_KUBERNETES_CA_DATA)");
    assert!(error.message.contains(&expected), "{error}");
    assert_eq!(server.requests(), Vec::<String>::new());
}

/// Microsoft Entra behind the proxy, with a certificate of this CA.
async fn token_proxy(authority: &Authority) -> TlsServer {
    let azure = Azure::new(SystemClock, Settings::default());
    let certificate = authority.issue(SERVER_NAME, Validity::Now);
    TlsServer::start(&certificate, Arc::new(azure), "https://login.microsoftonline.com").await
}

/// A folder with the token of the pod's service account.
fn service_account() -> TempDir {
    let now = SystemClock.now();
    let token = jwt::sign(&json!({
        "aud": TOKEN_EXCHANGE_AUDIENCE, "exp": now + 3600, "iat": now, "iss": CLUSTER_ISSUER, "nbf": now, "sub": SERVICE_ACCOUNT,
    }));
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("azure"), token).expect("the folder is writable");
    folder
}

/// A provider in a pod. The proxy is the only host that it may send requests to.
fn pod(server: &TlsServer, service_account: &TempDir) -> ProviderBuilder {
    Provider::builder()
        .env("AZURE_TENANT_ID", TENANT_ID)
        .env("AZURE_CLIENT_ID", CLIENT_ID)
        .env("AZURE_FEDERATED_TOKEN_FILE", "/tokens/azure")
        .preopened_dir(service_account.path(), "/tokens")
        .env("AZURE_KUBERNETES_TOKEN_PROXY", server.url())
        .env("AZURE_KUBERNETES_SNI_NAME", SERVER_NAME)
}
