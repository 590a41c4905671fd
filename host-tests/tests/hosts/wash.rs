//! The manifests of the examples on wasmCloud itself, `wash host`, with as many token requests as `docs/hosts/wasmcloud.md` says.

use crate::blob_service::BlobService;
use crate::manifest_files::{component, wasmcloud};
use anyhow::{Context, Result, ensure};
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Settings, Simulator};
use host_tests::background_program::BackgroundProgram;
use host_tests::edition::Edition;
use host_tests::nats_server::NatsServer;
use host_tests::wash_host::WashHost;
use host_tests::{app, external_tools};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn wasmcloud_runs_every_manifest_with_the_documented_number_of_token_requests() -> Result<()> {
    let Some(host) = WashHost::start().await? else { return Ok(()) };
    host.push("azure-identity", &fs::read(Edition::Wasi02.component())?)?;
    http_app(&host).await?;
    keyvault_app(&host).await?;
    host.push("azure-identity", &fs::read(Edition::Wasi03.component())?)?;
    http_auth_secret(&host).await?;
    http_auth_blobs(&host).await
}

/// When this fails, the form can be run, and the page says how.
#[test]
fn the_official_wash_is_built_without_host_component_plugins() -> Result<()> {
    let Some(wash) = external_tools::wash()? else { return Ok(()) };
    let Some(nats) = NatsServer::start_recent()? else { return Ok(()) };
    let folder = TempDir::new()?;
    let mut host = Command::new(wash);
    host.args([
        "host",
        "--scheduler-nats-url",
        &nats.url(),
        "--data-nats-url",
        &nats.url(),
        "--non-interactive",
    ]);
    host.arg("--host-plugin").arg(format!("id=azure-identity,file={}", Edition::Wasi03.component()));
    let mut host = BackgroundProgram::start(host.current_dir(&folder).env("HOME", folder.path()))?;
    host.wait_for("require a wash build with the `host-component-plugins` feature")?;
    Ok(())
}

/// The 0.2 edition: a fresh instance for each call.
async fn http_app(host: &WashHost) -> Result<()> {
    host.push("http-app", &fs::read(env!("HTTP_APP_WASM"))?)?;
    let machine = Simulator::start(Settings::default())?;
    let mut manifest = wasmcloud("http-app")?;
    place(&mut manifest, 1, &machine)?;
    host.run(&manifest, &json!({})).await?;
    let requests = count(host, "http-app.localhost", "/", "managed-identity/imds, until ", &machine)?;
    assert_eq!(requests, (IN_A_ROW, AT_ONCE));
    Ok(())
}

/// The same, with an app that reads a secret itself.
async fn keyvault_app(host: &WashHost) -> Result<()> {
    host.push("keyvault-app", &fs::read(env!("KEYVAULT_APP_WASM"))?)?;
    let (machine, vault) = (Simulator::start(Settings::default())?, Simulator::start(Settings::default())?);
    let mut manifest = wasmcloud("keyvault-app")?;
    place(&mut manifest, 1, &machine)?;
    let service = format!("http://{}", vault.address());
    component(&mut manifest, 0)["localResources"]["allowedHosts"] = json!([service]);
    variable(&mut manifest, 0, "KEY_VAULT_URL", &service);
    host.run(&manifest, &json!({})).await?;
    let requests = count(host, "keyvault-app.localhost", "/", VAULT_SECRET, &machine)?;
    assert_eq!(requests, (IN_A_ROW, AT_ONCE));
    Ok(())
}

/// The 0.3 edition as a component with a pool of one: one request for all.
async fn http_auth_secret(host: &WashHost) -> Result<()> {
    host.push("http-auth-secret", &over_http_auth(env!("HTTP_AUTH_SECRET_WASM"))?)?;
    let (machine, vault) = (Simulator::start(Settings::default())?, Simulator::start(Settings::default())?);
    let mut manifest = wasmcloud("http-auth-secret")?;
    place(&mut manifest, 1, &machine)?;
    let service = format!("http://{}", vault.address());
    authenticate(&mut manifest, &service, "https://vault.azure.net/.default");
    variable(&mut manifest, 0, "SECRET_URL", &format!("{service}/secrets/greeting?api-version=7.6"));
    host.run(&manifest, &json!({})).await?;
    let requests = count(host, "http-auth-secret.localhost", "/secret", VAULT_SECRET, &machine)?;
    assert_eq!(requests, (0, 1), "50 cold calls at once come first");
    Ok(())
}

async fn http_auth_blobs(host: &WashHost) -> Result<()> {
    host.push("http-auth-blobs", &over_http_auth(env!("HTTP_AUTH_BLOBS_WASM"))?)?;
    let (machine, account) = (Simulator::start(Settings::default())?, BlobService::start().await?);
    let mut manifest = wasmcloud("http-auth-blobs")?;
    place(&mut manifest, 1, &machine)?;
    let service = format!("http://{}", account.address());
    authenticate(&mut manifest, &service, "https://storage.azure.com/.default");
    variable(&mut manifest, 0, "CONTAINER_URL", &format!("{service}/reports"));
    host.run(&manifest, &json!({})).await?;
    let requests = count(host, "http-auth-blobs.localhost", "/blobs", "2026.pdf", &machine)?;
    assert_eq!(requests, (0, 1), "50 cold calls at once come first");
    Ok(())
}

/// The token requests that the simulated machine got for calls in a row, and for calls at once before them.
fn count(
    host: &WashHost,
    name: &str,
    path: &str,
    expected: &str,
    machine: &Simulator,
) -> Result<(usize, usize)> {
    let requests = || machine.log().matches(" imds GET ").count();
    for response in host.get_at_once(AT_ONCE, name, path)? {
        ensure!(response.contains(expected), "{name}{path}: {response}");
    }
    let at_once = requests();
    for _ in 0..IN_A_ROW {
        let response = host.get(name, path)?;
        ensure!(response.contains(expected), "{name}{path}: {response}");
    }
    let in_a_row = requests() - at_once;
    // `tools/real-hosts` reads this line.
    println!("wash: {name}: {at_once} at once, {in_a_row} in a row");
    Ok((in_a_row, at_once))
}

/// The app composed with http-auth, as the READMEs do for wasmCloud; it imports the provider.
fn over_http_auth(app: &str) -> Result<Vec<u8>> {
    app::plug_all(fs::read(app)?, vec![fs::read(Edition::Wasi03.http_auth())?])
}

/// Gives a component the simulated machine in the place of the real one.
fn place(manifest: &mut Value, number: usize, machine: &Simulator) -> Result<()> {
    let imds = format!("http://{}", machine.address());
    let resources = &mut component(manifest, number)["localResources"];
    let hosts = resources["allowedHosts"].as_array_mut().context("there are allowed hosts")?;
    let of_azure = hosts.iter_mut().find(|host| **host == "http://169.254.169.254");
    *of_azure.context("the endpoint of IMDS is allowed")? = imds.clone().into();
    variable(manifest, number, "AZURE_POD_IDENTITY_AUTHORITY_HOST", &imds);
    Ok(())
}

/// Gives the first component this service in the place of the one that it calls, with a rule for it.
fn authenticate(manifest: &mut Value, service: &str, scope: &str) {
    component(manifest, 0)["localResources"]["allowedHosts"] = json!([service]);
    variable(manifest, 0, "AZURE_HTTP_AUTH_RULES", &format!("{service} scope={scope}"));
}

fn variable(manifest: &mut Value, number: usize, name: &str, value: &str) {
    component(manifest, number)["localResources"]["environment"]["config"][name] = value.into();
}

/// As many calls as the table of the page names.
const IN_A_ROW: usize = 100;
const AT_ONCE: usize = 50;
