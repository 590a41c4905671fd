//! A connection to NATS: one request and its reply.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection without credentials.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects to a port of loopback, and waits for the server's greeting.
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let mut connection = Self(BufReader::new(stream));
        connection.line()?;
        Ok(connection)
    }

    /// Publishes a message, and returns the reply to it.
    pub fn request(&mut self, subject: &str, body: &[u8]) -> Result<Vec<u8>> {
        let length = body.len();
        let head = format!(
            "CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB reply 1\r\nPUB {subject} reply {length}\r\n"
        );
        self.0.get_mut().write_all(&[head.as_bytes(), body, b"\r\n"].concat())?;
        loop {
            let line = self.line()?;
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("MSG") => {
                    let length = words.next_back().context("a message has a length")?.parse()?;
                    let mut bytes = vec![0; length];
                    self.0.read_exact(&mut bytes)?;
                    return Ok(bytes);
                }
                Some("PING") => self.0.get_mut().write_all(b"PONG\r\n")?,
                Some("-ERR") => bail!("{line}"),
                _ => {}
            }
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        Ok(line.strip_suffix("\r\n").context("NATS closed the connection")?.to_owned())
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);
