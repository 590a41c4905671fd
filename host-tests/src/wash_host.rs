//! wasmCloud's host of a test's own: `wash host`, with NATS and an OCI registry on loopback.

#[path = "wash_host/deployment.rs"]
mod deployment;
#[path = "wash_host/registry.rs"]
mod registry;

use crate::background_program::BackgroundProgram;
use crate::external_tools;
use crate::nats_server::NatsServer;
use anyhow::{Context, Result, bail, ensure};
use futures_util::StreamExt;
use registry::Registry;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A host that runs workloads. Dropping it kills it, with its NATS and its registry.
///
/// ```no_run
/// # async fn run(deployment: serde_json::Value) -> anyhow::Result<()> {
/// use host_tests::wash_host::WashHost;
///
/// let Some(host) = WashHost::start().await? else { return Ok(()) }; // skipped: a program is missing
/// let image = host.push("http-app", &std::fs::read("http-app.wasm")?)?;
/// host.run(&deployment, &serde_json::json!({})).await?; // a WorkloadDeployment that names the image
/// println!("{}", host.get("http-app.localhost", "/")?);
/// # Ok(())
/// # }
/// ```
pub struct WashHost {
    nats: NatsServer,
    client: async_nats::Client,
    id: String,
    http: u16,
    registry: Registry,
    process: BackgroundProgram,
    wash: PathBuf,
    folder: TempDir,
}

impl WashHost {
    /// Starts it, and waits for its first heartbeat; `None`: a program is missing, and the test is skipped.
    pub async fn start() -> Result<Option<Self>> {
        let (Some(wash), Some(registry)) = (external_tools::wash()?, external_tools::oci_registry()?) else {
            return Ok(None);
        };
        let Some(nats) = NatsServer::start_recent()? else { return Ok(None) };
        let folder = TempDir::new()?;
        let registry = Registry::start(&registry, folder.path())?;
        let client = async_nats::connect(nats.url()).await?;
        let mut heartbeats = client.subscribe("runtime.operator.heartbeat.>").await?;
        let http = free_port()?;
        let mut host = Command::new(&wash);
        host.args(["host", "--scheduler-nats-url", &nats.url(), "--data-nats-url", &nats.url()]);
        host.args(["--http-addr", &format!("127.0.0.1:{http}"), "--allow-insecure-registries"]);
        host.args(["--allow-host-loopback", "--non-interactive"]).env("HOME", folder.path());
        let process = BackgroundProgram::start(host.current_dir(&folder))?;
        let heartbeat = tokio::time::timeout(TIMEOUT, heartbeats.next()).await?;
        let heartbeat: Value = serde_json::from_slice(&heartbeat.context("a heartbeat")?.payload)?;
        let id = heartbeat["id"].as_str().context("a host has an id")?.to_owned();
        Ok(Some(Self { nats, client, id, http, registry, process, wash, folder }))
    }

    /// Pushes a component to the registry, as `registry.example/<name>:<any version>` of a deployment.
    ///
    /// # Errors
    /// When `wash oci push` fails.
    pub fn push(&self, name: &str, component: &[u8]) -> Result<()> {
        self.registry.push(&self.wash, self.folder.path(), name, component)
    }

    /// Starts the workload of a `WorkloadDeployment`, as the operator does: images come from the registry, whatever registry
    /// they name, and references to secrets are resolved by `secrets`, which has the values of each by its name.
    ///
    /// # Errors
    /// When the host refuses the workload; the error has its reason.
    pub async fn run(&self, deployment: &Value, secrets: &Value) -> Result<()> {
        let name = deployment["metadata"]["name"].as_str().context("a deployment has a name")?;
        let start = deployment::start(deployment, secrets, &self.registry.address)?;
        let request = async_nats::Request::new()
            .payload(start.to_string().into())
            .timeout(Some(Duration::from_secs(90)));
        let subject = format!("runtime.host.{}.workload.start", self.id);
        let status: Value =
            serde_json::from_slice(&self.client.send_request(subject, request).await?.payload)?;
        let state = &status["workloadStatus"]["workloadState"];
        ensure!(state == "WORKLOAD_STATE_RUNNING" || state == "WORKLOAD_STATE_STARTING", "{name}: {status}");
        Ok(())
    }

    /// The response to a GET of a path of a workload, which its host name selects: the whole text of it.
    ///
    /// # Errors
    /// When nothing responds.
    pub fn get(&self, host: &str, path: &str) -> Result<String> {
        get(self.http, host, path)
    }

    /// The responses to as many GETs at once, from a thread each.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_at_once(&self, count: usize, host: &str, path: &str) -> Result<Vec<String>> {
        let http = self.http;
        thread::scope(|scope| {
            let threads: Vec<_> = (0..count).map(|_| scope.spawn(move || get(http, host, path))).collect();
            threads.into_iter().map(|thread| thread.join().expect("a thread does not panic")).collect()
        })
    }

    /// Its NATS.
    pub fn nats(&self) -> &NatsServer {
        &self.nats
    }

    /// What it has printed so far, with the standard error of its components.
    pub fn output(&mut self) -> &str {
        self.process.output()
    }
}

fn get(port: u16, host: &str, path: &str) -> Result<String> {
    // A workload that starts is not found yet.
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        if !response.starts_with("HTTP/1.1 404 ") {
            return Ok(response);
        }
        if Instant::now() > deadline {
            bail!("{host}{path}: {response}");
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// A port that nothing listens on.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// How long the host may take to start, or a workload to respond; on a busy machine both are slow.
const TIMEOUT: Duration = Duration::from_secs(60);
