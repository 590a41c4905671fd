use super::super::roots::Roots;
use super::*;
use http_body_util::Empty;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const SHORT: Duration = Duration::from_millis(100);
/// No test waits so long.
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_connect_timeout_includes_the_handshake() {
    let silent = server(b"").await;
    let options = RequestOptions {
        connect_timeout: Some(SHORT),
        first_byte_timeout: Some(LONG),
        between_bytes_timeout: None,
    };
    let failure = send(&format!("https://{silent}"), options).await.expect_err("no handshake");
    assert!(matches!(failure, Error::ConnectionTimeout), "{failure}");
}

#[tokio::test]
async fn the_first_byte_timeout_begins_with_the_connection() {
    let silent = server(b"").await;
    let options = RequestOptions {
        connect_timeout: Some(LONG),
        first_byte_timeout: Some(SHORT),
        between_bytes_timeout: None,
    };
    let failure = send(&format!("http://{silent}"), options).await.expect_err("no response");
    assert!(matches!(failure, Error::ConnectionReadTimeout), "{failure}");
}

#[tokio::test]
async fn the_timeout_between_bytes_ends_a_body() {
    let stalling = server(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
    let options = RequestOptions { between_bytes_timeout: Some(SHORT), ..RequestOptions::default() };
    let body = send(&format!("http://{stalling}"), options).await.expect("a response").into_body();
    let failure = body.collect().await.expect_err("half a body");
    assert!(matches!(failure, Error::ConnectionReadTimeout), "{failure}");
}

#[tokio::test]
async fn a_body_is_cut_off_with_its_connection() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
    });
    let body =
        send(&format!("http://{address}"), RequestOptions::default()).await.expect("a response").into_body();
    assert!(body.collect().await.is_err());
}

#[tokio::test]
async fn a_port_that_nothing_listens_on_refuses_the_connection() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    drop(listener);
    let began = Instant::now();
    let failure = send(&format!("http://{address}"), RequestOptions::default()).await.expect_err("refused");
    let Error::Connect(error) = failure else { panic!("{failure}") };
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    assert!(began.elapsed() < LONG);
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_an_error_of_the_resolver() {
    // Its label is longer than labels are (RFC 1035, section 2.3.4), so that no server is asked for it.
    let address = format!("http://{}.example", "a".repeat(64));
    let sent = send(&address, RequestOptions::default()).await;
    let Err(Error::Connect(error)) = sent else { panic!("it resolves") };
    // The text by which wasmtime tells it from a refused connection.
    assert!(error.to_string().starts_with("failed to lookup address information"), "{error}");
}

/// A server that writes this when a client has written something, and then nothing more.
async fn server(response: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(response).await;
        std::future::pending::<()>().await;
    });
    address
}

async fn send(address: &str, options: RequestOptions) -> Result<Response<WasiBody>, Error> {
    let connections =
        Connections::public(&Roots::public_and(&[]).expect("the public CAs"), None).expect("rustls");
    let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let request = Request::get(address).body(body).expect("the address is valid");
    exchange(&connections, request, Some(options)).await.map_err(|failure| failure.error)
}
