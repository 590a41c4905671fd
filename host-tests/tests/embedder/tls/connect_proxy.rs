//! An HTTP proxy on loopback with `CONNECT` and nothing else.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A proxy whose tunnels for every name lead to one server, because the names of the tests do not resolve.
pub struct ConnectProxy {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Vec<String>>>>,
}

impl ConnectProxy {
    /// Starts a proxy. It refuses tunnels without these credentials, if there are any.
    pub async fn start(server: SocketAddr, credentials: Option<&'static str>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let requests = Arc::<Mutex<Vec<_>>>::default();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(stream, server, credentials, Arc::clone(&seen)));
            }
        });
        Self { address, requests }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The lines of the requests so far.
    pub fn requests(&self) -> Vec<Vec<String>> {
        self.requests.lock().expect("no thread panicked").clone()
    }
}

async fn tunnel(
    stream: TcpStream,
    server: SocketAddr,
    credentials: Option<&'static str>,
    seen: Arc<Mutex<Vec<Vec<String>>>>,
) {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        match stream.read_line(&mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) if line == "\r\n" => break,
            Ok(_) => lines.push(line.trim_end().to_owned()),
        }
    }
    let expected = credentials.map(|it| format!("proxy-authorization: {it}").to_ascii_lowercase());
    let is_allowed = expected.is_none_or(|it| lines.iter().any(|line| line.to_ascii_lowercase() == it));
    seen.lock().expect("no thread panicked").push(lines);
    if !is_allowed {
        let _ = stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
        return;
    }
    let mut upstream = TcpStream::connect(server).await.expect("the server listens");
    if stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.is_ok() {
        let _ = copy_bidirectional(&mut stream, &mut upstream).await;
    }
}
