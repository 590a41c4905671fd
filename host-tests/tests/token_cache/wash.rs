//! `wash host` over NATS: wasmCloud itself, with the manifest of the README.

use crate::fleet::RING;
use anyhow::{Context, Result, bail, ensure};
use azure_simulator::{Settings, Simulator};
use futures_util::StreamExt;
use host_tests::background_program::BackgroundProgram;
use host_tests::edition::Edition;
use host_tests::nats_server::NatsServer;
use host_tests::{app, external_tools};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn wasmcloud_with_the_readmes_manifest_sends_one_token_request_for_a_hundred() -> Result<()> {
    let Some(cached) = Workload::start(true).await? else { return Ok(()) };
    for _ in 0..100 {
        cached.get()?;
    }
    assert_eq!(cached.token_requests(), 1);
    for _ in 0..3 {
        cached.nats.delete_buckets()?;
        let before = cached.token_requests();
        cached.get_at_once(50)?;
        let requests = cached.token_requests() - before;
        assert!((1..=2).contains(&requests), "{requests}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wasmcloud_without_the_cache_sends_a_token_request_for_each() -> Result<()> {
    let Some(plain) = Workload::start(false).await? else { return Ok(()) };
    for _ in 0..10 {
        plain.get()?;
    }
    assert_eq!(plain.token_requests(), 10);
    Ok(())
}

/// The app of the examples on a host.
struct Workload {
    nats: NatsServer,
    simulator: Simulator,
    http: u16,
    _host: BackgroundProgram,
    _registry: BackgroundProgram,
    _folder: TempDir,
}

impl Workload {
    /// Starts it with the cache or without; `None`: a program is missing.
    async fn start(with_cache: bool) -> Result<Option<Self>> {
        let (Some(wash), Some(registry)) = (external_tools::wash()?, external_tools::oci_registry()?) else {
            return Ok(None);
        };
        let Some(nats) = NatsServer::start_recent()? else { return Ok(None) };
        let folder = TempDir::new()?;
        let (registry, address) = start_registry(&registry, folder.path())?;
        let provider = Edition::Wasi02.component();
        let layers = if with_cache { vec![env!("TOKEN_CACHE_WASM"), provider] } else { vec![provider] };
        push(&wash, &address, folder.path(), "http-app", &fs::read(env!("HTTP_APP_WASM"))?)?;
        push(&wash, &address, folder.path(), "cached", &app::stack(&layers)?)?;
        let simulator = Simulator::start(Settings::default())?;
        let client = async_nats::connect(nats.url()).await?;
        let mut heartbeats = client.subscribe("runtime.operator.heartbeat.>").await?;
        let http = free_port()?;
        let mut host = Command::new(&wash);
        host.args(["host", "--scheduler-nats-url", &nats.url(), "--data-nats-url", &nats.url()]);
        host.args(["--http-addr", &format!("127.0.0.1:{http}"), "--allow-insecure-registries"]);
        host.args(["--allow-host-loopback", "--non-interactive"]).env("HOME", folder.path());
        let host = BackgroundProgram::start(host.current_dir(&folder))?;
        let heartbeat = tokio::time::timeout(Duration::from_secs(60), heartbeats.next()).await?;
        let heartbeat: Value = serde_json::from_slice(&heartbeat.context("a heartbeat")?.payload)?;
        let id = heartbeat["id"].as_str().context("a host has an id")?;
        let workload = workload(&address, &format!("http://{}", simulator.address()), with_cache)?;
        let started = client
            .send_request(
                format!("runtime.host.{id}.workload.start"),
                async_nats::Request::new()
                    .payload(workload.to_string().into())
                    .timeout(Some(Duration::from_secs(90))),
            )
            .await?;
        let status: Value = serde_json::from_slice(&started.payload)?;
        let state = &status["workloadStatus"]["workloadState"];
        ensure!(state == "WORKLOAD_STATE_RUNNING" || state == "WORKLOAD_STATE_STARTING", "{status}");
        let (_host, _registry, _folder) = (host, registry, folder);
        Ok(Some(Self { nats, simulator, http, _host, _registry, _folder }))
    }

    /// One request to the app.
    fn get(&self) -> Result<()> {
        get(self.http)
    }

    /// Requests from as many threads.
    fn get_at_once(&self, count: usize) -> Result<()> {
        let http = self.http;
        let threads: Vec<_> = (0..count).map(|_| thread::spawn(move || get(http))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a thread does not panic"))
    }

    fn token_requests(&self) -> usize {
        self.simulator.log().matches(" imds GET ").count()
    }
}

/// The README's manifest as the operator sends it to a host, with the addresses of the test.
fn workload(registry: &str, imds: &str, with_cache: bool) -> Result<Value> {
    let readme = include_str!("../../../middleware/token-cache/README.md");
    let manifest = readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    let manifest = manifest.context("the README has a manifest")?.replace("registry.example", registry);
    let manifest: Value = serde_yaml_ng::from_str(&manifest)?;
    let spec = &manifest["spec"]["template"]["spec"];
    let (mut interfaces, mut components) = (spec["hostInterfaces"].clone(), spec["components"].clone());
    if !with_cache {
        interfaces.as_array_mut().context("interfaces")?.retain(|it| it["package"] != "keyvalue");
    }
    for component in components.as_array_mut().context("components")? {
        // The operator resolves references to configuration and secrets, so a host gets the variables alone.
        let resources = &mut component["localResources"];
        if let Some(environment) = resources["environment"]["config"].as_object().cloned() {
            resources["environment"] = environment.into();
            resources["environment"]["AZURE_TOKEN_CACHE_KEYS"] = RING.into();
            // The simulated machine tells no client of its identity.
            resources["environment"]["AZURE_TOKEN_CACHE_IDENTITY"] = "unverified".into();
            resources["environment"]["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = imds.into();
            resources["environment"].as_object_mut().context("variables")?.remove("AZURE_CLIENT_ID");
            resources["allowedHosts"] = json!([imds]);
        }
    }
    Ok(json!({
        "workloadId": "test",
        "workload": {
            "namespace": "default",
            "name": "http-app",
            "witWorld": { "components": components, "hostInterfaces": interfaces },
        },
    }))
}

/// Debian's docker-registry on a free port, and its address.
fn start_registry(program: &Path, folder: &Path) -> Result<(BackgroundProgram, String)> {
    let configuration = format!(
        "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {:?}}}}}\nhttp: {{addr: \"127.0.0.1:0\"}}\n",
        folder.join("packages")
    );
    fs::write(folder.join("registry.yml"), configuration)?;
    let mut registry =
        BackgroundProgram::start(Command::new(program).arg("serve").arg(folder.join("registry.yml")))?;
    let address = registry.wait_for("listening on ")?;
    Ok((registry, address.split('"').next().unwrap_or_default().to_owned()))
}

fn push(wash: &Path, registry: &str, folder: &Path, name: &str, component: &[u8]) -> Result<()> {
    let file = folder.join(format!("{name}.wasm"));
    fs::write(&file, component)?;
    let mut push = Command::new(wash);
    push.args(["oci", "push", "--insecure", &format!("{registry}/{name}:0.1.0")]).arg(&file);
    let output = push.env("HOME", folder).current_dir(folder).output()?;
    ensure!(output.status.success(), "wash oci push: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn get(port: u16) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: app.example\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    if response.contains("managed-identity/imds, until ") {
        return Ok(());
    }
    bail!("{response}")
}

/// A port that nothing listens on.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
