//! The simulated Azure on a real loopback socket.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use azure_simulator::server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

use super::{azure, settings, verified};

const IMDS: &str = "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net HTTP/1.1\r\n\
                    host: h\r\nmetadata: true\r\nconnection: close\r\n\r\n";

/// Serves the Azure that `toml` describes for as long as the test runs.
async fn listen(toml: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(server::serve(listener, azure(toml), Duration::ZERO, std::future::pending()));
    address
}

/// Sends a request and reads until the connection ends.
async fn exchange(address: SocketAddr, request: &str) -> (String, io::Result<()>) {
    let mut stream = TcpStream::connect(address).await.expect("the simulator listens");
    stream.write_all(request.as_bytes()).await.expect("the simulator reads");
    let mut seen = Vec::new();
    let end = stream.read_to_end(&mut seen).await;
    (String::from_utf8_lossy(&seen).into_owned(), end.map(drop))
}

/// The head and the body of a response.
fn split(response: &str) -> (&str, &str) {
    response.split_once("\r\n\r\n").expect("a response has a head")
}

#[tokio::test]
async fn all_services_are_on_one_port() {
    let address = listen("").await;
    let (response, _) = exchange(address, IMDS).await;
    let (head, body) = split(&response);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    verified(body["access_token"].as_str().unwrap_or_default());

    let form = "grant_type=client_credentials&client_id=00001111-aaaa-2222-bbbb-3333cccc4444&\
                client_secret=s3cr3t~%2B%2F%3D%26%25x&scope=https%3A%2F%2Fvault.azure.net%2F.default";
    let request = format!(
        "POST /{}/oauth2/v2.0/token HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{form}",
        settings::TENANT_ID,
        form.len()
    );
    let (response, _) = exchange(address, &request).await;
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
}

#[tokio::test]
async fn the_discovery_document_has_the_address_of_the_socket() {
    let address = listen("").await;
    let request = format!(
        "GET /contoso.com/v2.0/.well-known/openid-configuration HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    );
    let (response, _) = exchange(address, &request).await;
    assert!(response.contains(&format!("\"jwks_uri\":\"http://{address}/")), "{response}");
}

#[tokio::test]
async fn a_path_of_no_service_is_not_implemented() {
    let address = listen("").await;
    let (response, _) = exchange(address, "GET /x HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 501 "), "{response}");
}

#[tokio::test]
async fn a_reset_fault_resets_the_connection() {
    for kind in ["reset", "refused"] {
        let address = listen(&format!("faults = [ {{ kind = '{kind}' }} ]")).await;
        let (seen, end) = exchange(address, IMDS).await;
        assert_eq!(seen, "");
        assert_eq!(end.expect_err("an error").kind(), io::ErrorKind::ConnectionReset);
    }
}

#[tokio::test]
async fn a_hanging_service_accepts_connections_and_never_responds() {
    let address = listen("faults = [ { kind = 'hang' } ]").await;
    assert!(timeout(Duration::from_millis(200), exchange(address, IMDS)).await.is_err());
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_its_content_length() {
    let address =
        listen("faults = [ { kind = 'truncated', status = 200, body = '0123456789', bytes = 4 } ]").await;
    let (response, _) = exchange(address, IMDS).await;
    let (head, body) = split(&response);
    assert!(head.contains("content-length: 10"), "{head}");
    assert_eq!(body, "0123");
}

#[tokio::test]
async fn a_body_can_start_and_never_end() {
    let address =
        listen("faults = [ { kind = 'hang-mid-body', status = 200, body = '0123456789', bytes = 4 } ]").await;
    let mut stream = TcpStream::connect(address).await.expect("the simulator listens");
    stream.write_all(IMDS.as_bytes()).await.expect("the simulator reads");
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n0123") {
        assert_ne!(stream.read_buf(&mut seen).await.expect("it stays open"), 0, "it stays open");
    }
    assert!(timeout(Duration::from_millis(200), stream.read_buf(&mut seen)).await.is_err());
}

#[tokio::test]
async fn a_dripping_body_arrives_slowly_and_is_complete() {
    let fault = "{ kind = 'drip', status = 200, body = '0123456789', bytes = 4, every = '50ms' }";
    let address = listen(&format!("faults = [ {fault} ]")).await;
    let start = Instant::now();
    let (response, _) = exchange(address, IMDS).await;
    assert_eq!(split(&response).1, "0123456789");
    assert!(start.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn the_server_stops_when_its_future_completes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("it listens");
    let azure = azure("faults = [ { kind = 'hang' } ]");
    let stop = tokio::time::sleep(Duration::from_millis(100));
    let server = tokio::spawn(server::serve(listener, azure, Duration::ZERO, stop));
    let (seen, _) =
        timeout(Duration::from_secs(5), exchange(address, IMDS)).await.expect("the connection ends");
    assert_eq!(seen, "");
    assert!(server.await.expect("it does not panic").is_ok());
}

#[tokio::test]
async fn the_first_vault_is_on_the_same_port() {
    let address = listen("").await;
    let (response, _) = exchange(address, IMDS).await;
    let body: serde_json::Value = serde_json::from_str(split(&response).1).expect("JSON");
    let token = body["access_token"].as_str().unwrap_or_default();
    let request = format!(
        "GET /secrets/greeting?api-version=7.6 HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\n\
         connection: close\r\n\r\n"
    );
    let (response, _) = exchange(address, &request).await;
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.contains("\"id\":\"https://contoso.vault.azure.net/secrets/greeting/"), "{response}");
}
