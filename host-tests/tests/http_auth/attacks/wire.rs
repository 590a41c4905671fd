//! Attacks whose effect is in the bytes of a connection: a hostile server records all that it receives, and responds with
//! bytes of its own.

use super::app::App;
use super::hostile_service::tokens_in;
use super::row::{Attack, Kind};
use super::run;
use super::verdict::Met;
use crate::way::Way;
use anyhow::{Result, ensure};
use azure_simulator::{Azure, Settings, server};
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A hostile server and the identity's endpoint, on real sockets.
pub struct Wire {
    server: SocketAddr,
    identity: SocketAddr,
    connections: Arc<Mutex<Connections>>,
}

/// What the server does and has received.
#[derive(Default)]
struct Connections {
    /// The bytes of the responses, one a connection; the last one is repeated.
    responses: Vec<String>,
    /// The number of each connection, and all bytes of it, once it has ended.
    received: Vec<(usize, Vec<u8>)>,
    /// The number of connections that have not ended.
    open: usize,
}

impl Wire {
    /// Starts both.
    pub async fn open() -> Result<Self> {
        let (listener, identity) =
            (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
        let wire = Self {
            server: listener.local_addr()?,
            identity: identity.local_addr()?,
            connections: Arc::default(),
        };
        let azure = Azure::new(Clock::real(), Settings::default());
        tokio::spawn(server::serve(identity, azure, Duration::ZERO, std::future::pending()));
        tokio::spawn(accept(listener, Arc::clone(&wire.connections)));
        Ok(wire)
    }

    /// The rows of a file, with the address of the server for `{server}`.
    pub fn rows(&self, text: &str) -> Result<Vec<Attack>> {
        Ok(Kind::parse(&text.replace("{server}", &self.server.to_string()))?.attacks)
    }

    /// Runs a row. The error is why it fails.
    pub async fn run(&self, way: Way, attack: &Attack) -> Result<Met> {
        let responses = attack.responses.iter().filter_map(|response| response.raw.clone()).collect();
        *self.lock() = Connections { responses, ..Connections::default() };
        let mut env = run::variables(attack);
        env.insert("AZURE_POD_IDENTITY_AUTHORITY_HOST".to_owned(), format!("http://{}", self.identity));
        let environment = TestEnvironment { env, forbids_headers: false, ..TestEnvironment::real() };
        let mut app = App::start(way, environment).await?;
        let mut learned = String::new();
        for request in attack.requests()? {
            learned = run::order(&mut app, request).await?;
        }
        let received: Vec<_> = self.ended().await?.iter().map(|bytes| describe(bytes)).collect();
        ensure!(tokens_in(&learned).is_empty(), "the app learned a token: {learned}");
        run::app_has_no(&mut app, tokens_in(&received.concat()).iter()).await?;
        if run::is_refused_by_wasmtime(&app, &learned) && received.is_empty() {
            return Ok(Met::ByWasmtime);
        }
        let received: Vec<_> = received.iter().map(|text| without_tokens(text)).collect();
        let expected = attack.received.clone().unwrap_or_default();
        ensure!(
            received == expected,
            "received is {received:#?} instead of {expected:#?}\n{learned}{}",
            app.output()
        );
        if let Some(expected) = &attack.learned {
            ensure!(learned.starts_with(expected), "the app learned {learned} instead of {expected}");
        }
        Ok(Met::AsItSays)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Connections> {
        self.connections.lock().expect("the lock is not poisoned")
    }

    /// What was received, once all connections have ended.
    async fn ended(&self) -> Result<Vec<Vec<u8>>> {
        for _ in 0..500 {
            if self.lock().open == 0 {
                let mut received = std::mem::take(&mut self.lock().received);
                received.sort();
                return Ok(received.into_iter().map(|(_, bytes)| bytes).collect());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("a connection does not end")
    }
}

async fn accept(listener: TcpListener, connections: Arc<Mutex<Connections>>) {
    let mut number = 0;
    while let Ok((stream, _)) = listener.accept().await {
        let response = {
            let mut connections = connections.lock().expect("the lock is not poisoned");
            if connections.received.is_empty() && connections.open == 0 {
                number = 0;
            }
            connections.open += 1;
            let responses = &connections.responses;
            responses.get(number).or(responses.last()).cloned().unwrap_or_else(|| OK.to_owned())
        };
        let opened = number;
        number += 1;
        let connections = Arc::clone(&connections);
        tokio::spawn(async move {
            let received =
                converse(stream, &response).await.unwrap_or_else(|error| format!("{error}").into());
            let mut connections = connections.lock().expect("the lock is not poisoned");
            connections.received.push((opened, received));
            connections.open -= 1;
        });
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";

/// Responds once the head of a request has arrived, and reads until the client ends the connection.
async fn converse(mut stream: TcpStream, response: &str) -> Result<Vec<u8>> {
    let mut received = Vec::new();
    let mut responds = true;
    while stream.read_buf(&mut received).await.unwrap_or_default() > 0 {
        if responds && is_whole(&received) {
            responds = false;
            let token = tokens_in(&String::from_utf8_lossy(&received)).pop().unwrap_or_default();
            stream.write_all(response.replace("{token}", &token).as_bytes()).await?;
            stream.shutdown().await?;
        }
    }
    Ok(received)
}

/// Whether a request has ended: with its head, with the last chunk, or with the length that it has.
fn is_whole(received: &[u8]) -> bool {
    let text = String::from_utf8_lossy(received).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    match length {
        Some(length) => body.len() >= length,
        None if head.contains("transfer-encoding: chunked") => {
            (body.starts_with("0\r\n") || body.contains("\r\n0\r\n")) && body.ends_with("\r\n\r\n")
        }
        None => true,
    }
}

fn without_tokens(text: &str) -> String {
    tokens_in(text).iter().fold(text.to_owned(), |text, token| text.replace(token, "{token}"))
}

/// The request lines and bodies as they are, and the lines of the head sorted.
fn describe(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines: Vec<_> = head.split("\r\n").collect();
    if let Some((_, headers)) = lines.split_first_mut() {
        headers.sort_unstable();
    }
    format!("{}\n\n{}", lines.join("\n"), body.replace("\r\n", "\n"))
}
