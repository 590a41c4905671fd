//! `wash host` over NATS: wasmCloud itself, with the manifest of the README.

use crate::fleet::RING;
use anyhow::{Context, Result, ensure};
use azure_simulator::{Settings, Simulator};
use host_tests::app;
use host_tests::edition::Edition;
use host_tests::wash_host::WashHost;
use serde_json::{Value, json};
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn wasmcloud_with_the_readmes_manifest_sends_one_token_request_for_a_hundred() -> Result<()> {
    let Some(cached) = Workload::start(true).await? else { return Ok(()) };
    for _ in 0..100 {
        cached.get()?;
    }
    assert_eq!(cached.token_requests(), 1);
    for _ in 0..3 {
        cached.host.nats().delete_buckets()?;
        let before = cached.token_requests();
        for response in cached.host.get_at_once(50, HOST, "/")? {
            check(&response)?;
        }
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
    host: WashHost,
    simulator: Simulator,
}

impl Workload {
    /// Starts it with the cache or without; `None`: a program is missing.
    async fn start(with_cache: bool) -> Result<Option<Self>> {
        let Some(host) = WashHost::start().await? else { return Ok(None) };
        let provider = Edition::Wasi02.component();
        let layers = if with_cache { vec![env!("TOKEN_CACHE_WASM"), provider] } else { vec![provider] };
        host.push("http-app", &fs::read(env!("HTTP_APP_WASM"))?)?;
        host.push("cached", &app::stack(&layers)?)?;
        let simulator = Simulator::start(Settings::default())?;
        let deployment = deployment(&format!("http://{}", simulator.address()), with_cache)?;
        host.run(&deployment, &json!({})).await?;
        Ok(Some(Self { host, simulator }))
    }

    /// One request to the app.
    fn get(&self) -> Result<()> {
        check(&self.host.get(HOST, "/")?)
    }

    fn token_requests(&self) -> usize {
        self.simulator.log().matches(" imds GET ").count()
    }
}

/// The README's manifest, with the addresses of the test.
fn deployment(imds: &str, with_cache: bool) -> Result<Value> {
    let readme = include_str!("../../../middleware/token-cache/README.md");
    let manifest = readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    let mut manifest: Value = serde_yaml_ng::from_str(manifest.context("the README has a manifest")?)?;
    let spec = &mut manifest["spec"]["template"]["spec"];
    if !with_cache {
        let interfaces = spec["hostInterfaces"].as_array_mut().context("interfaces")?;
        interfaces.retain(|it| it["package"] != "keyvalue");
    }
    let provider = &mut spec["components"][1]["localResources"];
    provider["allowedHosts"] = json!([imds]);
    let environment = provider["environment"]["config"].as_object_mut().context("variables")?;
    environment.insert("AZURE_TOKEN_CACHE_KEYS".to_owned(), RING.into());
    // The simulated machine tells no client of its identity.
    environment.insert("AZURE_TOKEN_CACHE_IDENTITY".to_owned(), "unverified".into());
    environment.insert("AZURE_POD_IDENTITY_AUTHORITY_HOST".to_owned(), imds.into());
    environment.remove("AZURE_CLIENT_ID");
    Ok(manifest)
}

fn check(response: &str) -> Result<()> {
    ensure!(response.contains("managed-identity/imds, until "), "{response}");
    Ok(())
}

/// The host name of the manifest.
const HOST: &str = "app.example";
