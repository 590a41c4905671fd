//! A loopback port that a browser comes to: HTTP/1.1, as little of it as a redirect needs.
//!
//! Everything is bounded: how long is waited, how many are heard at once, how long one may take and how much
//! it may say. Browsers open connections they then say nothing on, so nobody is waited for alone.

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// The port.
pub struct Listener {
    socket: TcpListener,
    port: u16,
    heard: RefCell<Vec<Connection>>,
}

/// Somebody who has asked for something, and waits for an answer.
pub struct Visitor {
    stream: TcpStream,
    target: String,
}

/// Why somebody is sent away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing at this path.
    NotFound,
    /// It is a redirect, and not of the sign-in that waits here.
    OtherSignIn,
}

struct Connection {
    stream: TcpStream,
    said: Vec<u8>,
    since: Instant,
}

impl Listener {
    /// Listens on a free port of 127.0.0.1.
    pub fn bind() -> Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port, heard: RefCell::default() })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next who asks for something; `None`: nobody did until `deadline`.
    pub fn next(&self, deadline: Instant) -> Option<Visitor> {
        let mut heard = self.heard.borrow_mut();
        while Instant::now() < deadline {
            while heard.len() < MOST_AT_ONCE
                && let Ok((stream, _)) = self.socket.accept()
            {
                if stream.set_nonblocking(true).is_ok() {
                    heard.push(Connection { stream, said: Vec::new(), since: Instant::now() });
                }
            }
            heard.retain_mut(|connection| connection.since.elapsed() < LONGEST && connection.listen());
            if let Some(index) = heard.iter().position(Connection::is_done) {
                let Connection { mut stream, said, .. } = heard.swap_remove(index);
                match target(&said) {
                    Some(target) => return Some(Visitor { stream, target }),
                    None => answer(&mut stream, "400 Bad Request", "This is no request of a browser."),
                }
            }
            std::thread::sleep(PAUSE);
        }
        None
    }
}

impl Visitor {
    /// What is asked for: path and query.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Shows a page with this sentence.
    pub fn tell(mut self, sentence: &str) {
        answer(&mut self.stream, "200 OK", &format!("{sentence} You can close this window."));
    }

    /// Sends the visitor away.
    pub fn refuse(mut self, refusal: Refusal) {
        match refusal {
            Refusal::NotFound => answer(&mut self.stream, "404 Not Found", "There is nothing here."),
            Refusal::OtherSignIn => {
                answer(&mut self.stream, "400 Bad Request", "This is not the sign-in that is waited for.");
            }
        }
    }
}

impl Connection {
    /// Takes in what has come; whether there is any use in listening on.
    fn listen(&mut self) -> bool {
        let mut piece = [0; 1024];
        while self.said.len() < MOST_SAID && !self.is_done() {
            match self.stream.read(&mut piece) {
                Ok(0) => return false,
                Ok(length) => self.said.extend_from_slice(&piece[..length]),
                Err(error) => return matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
            }
        }
        self.is_done()
    }

    /// Whether the request's head is complete. A redirect has no body.
    fn is_done(&self) -> bool {
        self.said.windows(4).any(|end| end == b"\r\n\r\n")
    }
}

/// The target of a GET.
fn target(said: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(said.split(|b| *b == b'\r').next()?).ok()?;
    let (target, version) = line.strip_prefix("GET ")?.split_once(' ')?;
    (target.starts_with('/') && version.starts_with("HTTP/1.")).then(|| target.to_owned())
}

/// Answers, and hangs up. A browser that does not want the answer is gone, and nothing depends on it.
fn answer(stream: &mut TcpStream, status: &str, sentence: &str) {
    let page = format!("<!doctype html><title>Sign-in</title><p>{sentence}</p>\n");
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\ncontent-security-policy: default-src 'none'\r\nreferrer-policy: no-referrer\r\n\
         connection: close\r\n\r\n",
        page.len()
    );
    let mut rest = [head.as_bytes(), page.as_bytes()].concat();
    let since = Instant::now();
    while !rest.is_empty() && since.elapsed() < LONGEST {
        match stream.write(&rest) {
            Ok(0) => return,
            Ok(length) => drop(rest.drain(..length)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                std::thread::sleep(PAUSE);
            }
            Err(_) => return,
        }
    }
    let _ = stream.flush();
}

/// How often is looked whether somebody came.
const PAUSE: Duration = Duration::from_millis(20);
/// How long somebody may take to ask, or to be answered.
const LONGEST: Duration = Duration::from_secs(10);
/// Connections at a time; a browser opens a handful.
const MOST_AT_ONCE: usize = 16;
/// Bytes of a request's head. A code is about 1 KiB long, cookies of other programs on `localhost` come along.
const MOST_SAID: usize = 32 * 1024;
