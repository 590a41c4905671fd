//! A Redis server of a test's own.

#[path = "redis_server/connection.rs"]
mod connection;

pub use connection::Reply;

use crate::external_tools;
use crate::server_process::{ServerProcess, ServerProgram};
use anyhow::{Result, bail};
use connection::Connection;
use std::ffi::OsString;
use std::path::Path;
use tempfile::TempDir;

/// A Redis server on a port of loopback, without persistence: a restart empties it. Dropping it kills it.
///
/// ```no_run
/// # fn main() -> anyhow::Result<()> {
/// use host_tests::redis_server::RedisServer;
///
/// let Some(redis) = RedisServer::start()? else { return Ok(()) }; // skipped: it is not installed
/// println!("{}", redis.url());
/// # Ok(())
/// # }
/// ```
pub struct RedisServer {
    process: ServerProcess,
    /// Its working directory.
    _folder: TempDir,
}

impl RedisServer {
    /// Starts a server; `None`: it is not installed, and the test is skipped.
    pub fn start() -> Result<Option<Self>> {
        Self::start_with(&[])
    }

    /// Starts a server with more settings, each as arguments: `["--maxmemory", "1mb"]`.
    pub fn start_with(settings: &[&str]) -> Result<Option<Self>> {
        Self::start_on("--port", settings)
    }

    /// Starts a server that accepts TLS alone, with a certificate and its key (PEM). [`command`](Self::command) and
    /// what uses it have no TLS and fail.
    pub fn start_with_tls(certificate: &Path, key: &Path) -> Result<Option<Self>> {
        let [certificate, key] = [certificate, key].map(|file| file.display().to_string());
        let files =
            ["--tls-cert-file", &certificate, "--tls-key-file", &key, "--tls-ca-cert-file", &certificate];
        Self::start_on(
            "--tls-port",
            &[&files, ["--port", "0", "--tls-auth-clients", "no"].as_slice()].concat(),
        )
    }

    fn start_on(port_setting: &'static str, settings: &[&str]) -> Result<Option<Self>> {
        let Some(path) = external_tools::redis_server()? else { return Ok(None) };
        let folder = TempDir::new()?;
        let directory = folder.path().display().to_string();
        let fixed = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", &directory];
        let settings: Vec<_> = fixed.iter().chain(settings).map(OsString::from).collect();
        let arguments = move |port: u16| {
            let port = [OsString::from(port_setting), port.to_string().into()];
            port.into_iter().chain(settings.iter().cloned()).collect()
        };
        let program =
            ServerProgram { path, arguments: Box::new(arguments), ready: "Ready to accept connections" };
        Ok(Some(Self { process: ServerProcess::start(program)?, _folder: folder }))
    }

    /// Its URL, `redis://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// Its port, which stays the same across restarts.
    pub fn port(&self) -> u16 {
        self.process.port()
    }

    /// The process, for failures.
    pub fn process(&mut self) -> &mut ServerProcess {
        &mut self.process
    }

    /// Sends a command as the default user.
    ///
    /// # Errors
    /// When the server does not answer within seconds, or answers with an error.
    pub fn command(&self, words: &[&str]) -> Result<Reply> {
        Connection::open(self.port())?.command(&words.iter().map(|word| word.as_bytes()).collect::<Vec<_>>())
    }

    /// Writes a value.
    pub fn set(&self, key: &[u8], value: &[u8]) -> Result<()> {
        Connection::open(self.port())?.command(&[b"SET", key, value]).map(drop)
    }

    /// Removes all entries.
    pub fn flush(&self) -> Result<()> {
        self.command(&["FLUSHALL"]).map(drop)
    }

    /// All keys with their values, sorted. A hash is the bytes of its fields and values, each with a line break.
    pub fn entries(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut connection = Connection::open(self.port())?;
        let mut entries = Vec::new();
        for key in connection.command(&[b"KEYS", b"*"])?.items()? {
            let key = key.bytes()?;
            let value = match connection.command(&[b"TYPE", &key])?.bytes()?.as_slice() {
                b"none" => continue, // expired meanwhile
                b"string" => connection.command(&[b"GET", &key])?,
                b"hash" => connection.command(&[b"HGETALL", &key])?,
                other => bail!("an entry is a {}", String::from_utf8_lossy(other)),
            };
            entries.push((key, value.flatten()));
        }
        entries.sort();
        Ok(entries)
    }

    /// Everything that it holds, as bytes to search: all keys and values.
    pub fn dump(&self) -> Result<Vec<u8>> {
        let entries = self.entries()?;
        Ok(entries
            .into_iter()
            .flat_map(|(key, value)| [key, b"\n".to_vec(), value, b"\n".to_vec()])
            .flatten()
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(redis: &RedisServer) -> Vec<String> {
        let entries = redis.entries().expect("it answers");
        entries.into_iter().map(|(key, _)| String::from_utf8_lossy(&key).into_owned()).collect()
    }

    #[test]
    fn a_server_is_dumped_flushed_and_restarted() -> Result<()> {
        let Some(mut redis) = RedisServer::start()? else { return Ok(()) };
        redis.set(b"a", b"one\r\n\0\xff")?;
        redis.command(&["HSET", "h", "field", "two"])?;
        assert_eq!(redis.dump()?, b"a\none\r\n\0\xff\nh\nfield\ntwo\n\n");
        redis.flush()?;
        assert_eq!(keys(&redis), [""; 0]);
        redis.set(b"b", b"")?;
        assert_eq!(keys(&redis), ["b"]);
        redis.process().restart()?;
        assert_eq!(keys(&redis), [""; 0]);
        Ok(())
    }

    #[test]
    fn a_frozen_server_answers_once_it_goes_on_and_a_killed_one_does_not() -> Result<()> {
        let Some(mut redis) = RedisServer::start()? else { return Ok(()) };
        let mut connection = Connection::open(redis.port())?;
        redis.process().freeze()?;
        connection.send(&[b"ECHO", b"late"])?;
        assert!(!connection.is_answered_within_100_ms()?, "a frozen server answers");
        redis.process().resume()?;
        assert_eq!(connection.receive()?.bytes()?, b"late");
        redis.process().kill();
        assert!(redis.command(&["PING"]).is_err());
        Ok(())
    }

    #[test]
    fn an_error_of_the_server_is_an_error() -> Result<()> {
        let Some(redis) = RedisServer::start_with(&["--maxmemory", "1"])? else { return Ok(()) };
        let error = redis.set(b"a", b"b").expect_err("the memory is full").to_string();
        assert!(error.starts_with("OOM "), "{error}");
        Ok(())
    }
}
