//! A listener on a loopback port that receives the browser's redirect: the subset of HTTP/1.1 that a redirect needs.
//!
//! Every resource is bounded: the total wait, the number of connections, the duration of a connection, and the size of a
//! request. Browsers open connections on which they send nothing, so all connections are read concurrently.

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// A listener on a loopback port.
pub struct Listener {
    socket: TcpListener,
    port: u16,
    connections: RefCell<Vec<Connection>>,
}

/// A request that waits for its response.
pub struct PendingRequest {
    stream: TcpStream,
    target: String,
}

/// The reasons to refuse a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The path is not that of the redirect.
    NotFound,
    /// The request is a redirect of another sign-in.
    OtherSignIn,
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    since: Instant,
}

impl Listener {
    /// Listens on a free port of 127.0.0.1.
    pub fn bind() -> Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port, connections: RefCell::default() })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next complete request; `None`: there was none until `deadline`.
    pub fn next(&self, deadline: Instant) -> Option<PendingRequest> {
        let mut connections = self.connections.borrow_mut();
        while Instant::now() < deadline {
            while connections.len() < MAX_CONNECTIONS
                && let Ok((stream, _)) = self.socket.accept()
            {
                if stream.set_nonblocking(true).is_ok() {
                    connections.push(Connection { stream, received: Vec::new(), since: Instant::now() });
                }
            }
            connections.retain_mut(|connection| connection.since.elapsed() < TIMEOUT && connection.receive());
            if let Some(index) = connections.iter().position(Connection::is_complete) {
                let Connection { mut stream, received, .. } = connections.swap_remove(index);
                match target(&received) {
                    Some(target) => return Some(PendingRequest { stream, target }),
                    None => respond(&mut stream, "400 Bad Request", "This is not the request of a browser."),
                }
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        None
    }
}

impl PendingRequest {
    /// The target of the request: path and query.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Responds with a page that contains this sentence.
    pub fn respond(mut self, sentence: &str) {
        respond(&mut self.stream, "200 OK", &format!("{sentence} You can close this window."));
    }

    /// Responds with an error.
    pub fn refuse(mut self, refusal: Refusal) {
        match refusal {
            Refusal::NotFound => respond(&mut self.stream, "404 Not Found", "This page does not exist."),
            Refusal::OtherSignIn => {
                respond(
                    &mut self.stream,
                    "400 Bad Request",
                    "This is not the redirect of the expected sign-in.",
                );
            }
        }
    }
}

impl Connection {
    /// Reads the available bytes. Returns whether the connection is still useful.
    fn receive(&mut self) -> bool {
        let mut chunk = [0; 1024];
        while self.received.len() < MAX_HEAD && !self.is_complete() {
            match self.stream.read(&mut chunk) {
                Ok(0) => return false,
                Ok(length) => self.received.extend_from_slice(&chunk[..length]),
                Err(error) => return matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
            }
        }
        self.is_complete()
    }

    /// Whether the request's head is complete. A redirect has no body.
    fn is_complete(&self) -> bool {
        self.received.windows(4).any(|end| end == b"\r\n\r\n")
    }
}

/// The target of a GET.
fn target(received: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(received.split(|b| *b == b'\r').next()?).ok()?;
    let (target, version) = line.strip_prefix("GET ")?.split_once(' ')?;
    (target.starts_with('/') && version.starts_with("HTTP/1.")).then(|| target.to_owned())
}

/// Sends a response and closes the connection. Write errors are ignored: then the browser has closed the connection.
fn respond(stream: &mut TcpStream, status: &str, sentence: &str) {
    let page = format!("<!doctype html><title>Sign-in</title><p>{sentence}</p>\n");
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\ncontent-security-policy: default-src 'none'\r\nreferrer-policy: no-referrer\r\n\
         connection: close\r\n\r\n",
        page.len()
    );
    let mut rest = [head.as_bytes(), page.as_bytes()].concat();
    let since = Instant::now();
    while !rest.is_empty() && since.elapsed() < TIMEOUT {
        match stream.write(&rest) {
            Ok(0) => return,
            Ok(length) => drop(rest.drain(..length)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                std::thread::sleep(POLL_INTERVAL);
            }
            Err(_) => return,
        }
    }
    let _ = stream.flush();
}

/// The interval at which connections are polled.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The maximum duration of a request, and of a response.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum number of connections; a browser opens a handful.
const MAX_CONNECTIONS: usize = 16;
/// The maximum size of a request's head, in bytes. A code has about 1 KiB, and browsers add the cookies of other programs
/// on `localhost`.
const MAX_HEAD: usize = 32 * 1024;
