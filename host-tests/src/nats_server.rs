//! A NATS server of a test's own, with JetStream.

#[path = "nats_server/connection.rs"]
mod connection;

use crate::external_tools;
use crate::server_process::{ServerProcess, ServerProgram};
use anyhow::{Result, ensure};
use connection::Connection;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A NATS server with JetStream on a port of loopback. What it stores stays across restarts. Dropping it kills it.
///
/// ```no_run
/// # fn main() -> anyhow::Result<()> {
/// use host_tests::nats_server::NatsServer;
///
/// let Some(nats) = NatsServer::start()? else { return Ok(()) }; // skipped: it is not installed
/// println!("{}", nats.url());
/// # Ok(())
/// # }
/// ```
pub struct NatsServer {
    process: ServerProcess,
    folder: TempDir,
}

impl NatsServer {
    /// Starts a server; `None`: it is not installed, and the test is skipped.
    pub fn start() -> Result<Option<Self>> {
        Self::start_with(&[])
    }

    /// Starts a server with more arguments: `["--user", "name", "--pass", "password"]`. With credentials or TLS,
    /// [`request`](Self::request) and what uses it fail.
    pub fn start_with(arguments: &[&str]) -> Result<Option<Self>> {
        external_tools::nats_server()?.map(|path| Self::start_program(path, arguments)).transpose()
    }

    /// Starts a server of a recent version, as the host of wasmCloud needs it.
    pub fn start_recent() -> Result<Option<Self>> {
        external_tools::recent_nats_server()?.map(|path| Self::start_program(path, &[])).transpose()
    }

    fn start_program(path: PathBuf, arguments: &[&str]) -> Result<Self> {
        // In memory where that is a file system: a build on the same disk may hold the server up for seconds.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? };
        let directory = folder.path().display().to_string();
        let fixed = ["--addr", "127.0.0.1", "--jetstream", "--store_dir", &directory];
        let more: Vec<_> = fixed.iter().chain(arguments).map(OsString::from).collect();
        let arguments = move |port: u16| {
            let port = [OsString::from("--port"), port.to_string().into()];
            port.into_iter().chain(more.iter().cloned()).collect()
        };
        let program = ServerProgram { path, arguments: Box::new(arguments), ready: "Server is ready" };
        Ok(Self { process: ServerProcess::start(program)?, folder })
    }

    /// Its URL, `nats://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port())
    }

    /// Its port, which stays the same across restarts.
    pub fn port(&self) -> u16 {
        self.process.port()
    }

    /// The process, for failures.
    pub fn process(&mut self) -> &mut ServerProcess {
        &mut self.process
    }

    /// Sends a request of JetStream's API, e.g. `STREAM.NAMES`, and returns the answer.
    ///
    /// # Errors
    /// When the server does not answer within seconds, or answers with an error.
    pub fn request(&self, name: &str, body: &Value) -> Result<Value> {
        let reply = Connection::open(self.port())?
            .request(&format!("$JS.API.{name}"), body.to_string().as_bytes())?;
        let reply: Value = serde_json::from_slice(&reply)?;
        ensure!(reply.get("error").is_none(), "NATS: {}", reply["error"]);
        Ok(reply)
    }

    /// Writes a value into a bucket of key-value, over any revision.
    pub fn put(&self, bucket: &str, key: &str, value: &[u8]) -> Result<()> {
        let reply = Connection::open(self.port())?.request(&format!("$KV.{bucket}.{key}"), value)?;
        let reply: Value = serde_json::from_slice(&reply)?;
        ensure!(reply.get("seq").is_some(), "NATS: {reply}");
        Ok(())
    }

    /// The names of all streams; a bucket `b` is the stream `KV_b`.
    pub fn streams(&self) -> Result<Vec<String>> {
        let names = self.request("STREAM.NAMES", &json!({}))?;
        let names = names["streams"].as_array().cloned().unwrap_or_default();
        Ok(names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Removes all entries and keeps the buckets.
    pub fn flush(&self) -> Result<()> {
        self.of_all_streams("STREAM.PURGE")
    }

    /// Removes all buckets.
    pub fn delete_buckets(&self) -> Result<()> {
        self.of_all_streams("STREAM.DELETE")
    }

    fn of_all_streams(&self, request: &str) -> Result<()> {
        self.streams()?
            .iter()
            .try_for_each(|stream| self.request(&format!("{request}.{stream}"), &json!({})).map(drop))
    }

    /// Everything that it holds, as bytes to search: the names and contents of the files that it stores.
    pub fn dump(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        read_all(self.folder.path(), &mut bytes)?;
        Ok(bytes)
    }
}

/// Appends the names and contents of all files in a folder.
fn read_all(folder: &Path, bytes: &mut Vec<u8>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes.extend(format!("{}\n", entry.file_name().display()).bytes());
        if entry.file_type()?.is_dir() {
            read_all(&entry.path(), bytes)?;
        } else {
            bytes.extend(fs::read(entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    fn with_bucket() -> Result<Option<NatsServer>> {
        let Some(nats) = NatsServer::start()? else { return Ok(None) };
        nats.request(
            "STREAM.CREATE.KV_b",
            &json!({ "name": "KV_b", "subjects": ["$KV.b.>"], "storage": "file" }),
        )?;
        Ok(Some(nats))
    }

    fn contains(dump: &[u8], text: &str) -> bool {
        dump.windows(text.len()).any(|window| window == text.as_bytes())
    }

    #[test]
    fn a_server_is_dumped_restarted_and_flushed() -> Result<()> {
        let Some(mut nats) = with_bucket()? else { return Ok(()) };
        nats.put("b", "some-key", b"some value")?;
        let messages = |nats: &NatsServer| {
            nats.request("STREAM.INFO.KV_b", &json!({})).map(|info| info["state"]["messages"].clone())
        };
        let dump = nats.dump()?;
        assert!(contains(&dump, "some-key") && contains(&dump, "some value"));
        nats.process().restart()?;
        assert_eq!(messages(&nats)?, 1);
        nats.flush()?;
        assert_eq!(messages(&nats)?, 0);
        assert!(!contains(&nats.dump()?, "some value"));
        nats.delete_buckets()?;
        assert_eq!(nats.streams()?, [""; 0]);
        Ok(())
    }

    #[test]
    fn a_frozen_server_answers_once_it_goes_on_and_a_killed_one_does_not() -> Result<()> {
        let Some(mut nats) = with_bucket()? else { return Ok(()) };
        nats.process().freeze()?;
        let (port, (sender, reply)) = (nats.port(), channel());
        // The system accepts the connection, and the greeting comes from the server.
        let request = move || Connection::open(port)?.request("$JS.API.STREAM.NAMES", b"");
        std::thread::spawn(move || sender.send(request()));
        assert!(reply.recv_timeout(Duration::from_millis(100)).is_err(), "a frozen server answers");
        nats.process().resume()?;
        reply.recv()??;
        nats.process().kill();
        assert!(nats.streams().is_err());
        Ok(())
    }
}
