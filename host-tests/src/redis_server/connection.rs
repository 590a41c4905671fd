//! A connection to Redis: commands and replies of RESP2, the protocol.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection as the default user.
pub struct Connection(BufReader<TcpStream>);

/// What Redis answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// No such thing.
    Nothing,
    /// A number.
    Number(i64),
    /// A text or a value.
    Bytes(Vec<u8>),
    /// A list.
    Items(Vec<Reply>),
}

impl Connection {
    /// Connects to a port of loopback.
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a command, and returns the reply; an error of the server is an error.
    pub fn command(&mut self, words: &[&[u8]]) -> Result<Reply> {
        self.send(words)?;
        self.receive()
    }

    /// Sends a command.
    pub fn send(&mut self, words: &[&[u8]]) -> Result<()> {
        let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            bytes.extend(format!("${}\r\n", word.len()).bytes());
            bytes.extend_from_slice(word);
            bytes.extend(b"\r\n");
        }
        Ok(self.0.get_mut().write_all(&bytes)?)
    }

    /// The next reply.
    pub fn receive(&mut self) -> Result<Reply> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let line = line.strip_suffix("\r\n").context("Redis closed the connection")?;
        let (kind, rest) = line.split_at_checked(1).context("an empty reply")?;
        match kind {
            "+" => Ok(Reply::Bytes(rest.into())),
            "-" => bail!("{rest}"),
            ":" => Ok(Reply::Number(rest.parse()?)),
            "$" | "*" if rest == "-1" => Ok(Reply::Nothing),
            "$" => {
                let mut bytes = vec![0; rest.parse::<usize>()? + 2];
                self.0.read_exact(&mut bytes)?;
                bytes.truncate(bytes.len() - 2);
                Ok(Reply::Bytes(bytes))
            }
            "*" => {
                (0..rest.parse::<usize>()?).map(|_| self.receive()).collect::<Result<_>>().map(Reply::Items)
            }
            _ => bail!("not a reply: {line}"),
        }
    }

    /// Whether a reply comes within 100 ms.
    #[cfg(test)]
    pub fn is_answered_within_100_ms(&mut self) -> Result<bool> {
        self.0.get_ref().set_read_timeout(Some(Duration::from_millis(100)))?;
        let is_answered = self.0.fill_buf().is_ok();
        self.0.get_ref().set_read_timeout(Some(TIMEOUT))?;
        Ok(is_answered)
    }
}

impl Reply {
    /// The text or value.
    pub fn bytes(self) -> Result<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            other => bail!("not a value: {other:?}"),
        }
    }

    /// The list.
    pub fn items(self) -> Result<Vec<Reply>> {
        match self {
            Self::Items(items) => Ok(items),
            other => bail!("not a list: {other:?}"),
        }
    }

    /// All bytes, those of a list with a line break after each item.
    pub fn flatten(self) -> Vec<u8> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Number(number) => number.to_string().into_bytes(),
            Self::Bytes(bytes) => bytes,
            Self::Items(items) => {
                items.into_iter().flat_map(|item| [item.flatten(), b"\n".to_vec()].concat()).collect()
            }
        }
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);
