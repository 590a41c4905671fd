//! Spin itself, with the manifest of the README, where Spin is installed.

use crate::fleet::RING;
use anyhow::{Context, Result, bail, ensure};
use azure_simulator::{Settings, Simulator};
use host_tests::app::stack;
use host_tests::background_program::BackgroundProgram;
use host_tests::edition::Edition;
use host_tests::external_tools;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;
use toml::{Table, Value};

#[test]
fn spin_with_the_readmes_manifest_sends_one_token_request_for_a_hundred() -> Result<()> {
    let Some(spin) = external_tools::spin() else { return Ok(()) };
    let folder = TempDir::new()?;
    fs::create_dir(folder.path().join("target"))?;
    fs::copy(env!("HTTP_APP_WASM"), folder.path().join("app.wasm"))?;
    let cached = stack(&[env!("TOKEN_CACHE_SPIN_WASM"), Edition::Wasi02.component()])?;
    fs::write(folder.path().join("target/cached-spin.wasm"), cached)?;
    let simulator = Simulator::start(Settings::default())?;
    let imds = format!("http://{}", simulator.address());
    fs::write(folder.path().join("spin.toml"), manifest(&imds)?.to_string())?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut up = Command::new(spin);
    up.args(["up", "--from", "spin.toml", "--state-dir", "state", "--listen", &format!("127.0.0.1:{port}")]);
    let mut host = BackgroundProgram::start(up.current_dir(&folder))?;
    host.wait_for("Serving http")?;
    let requests = || simulator.log().matches(" imds GET ").count();
    let threads: Vec<_> = (0..50).map(|_| thread::spawn(move || get(port))).collect();
    threads.into_iter().try_for_each(|thread| thread.join().expect("a thread does not panic"))?;
    ensure!((1..=2).contains(&requests()), "50 at once: {}", requests());
    let before = requests();
    for _ in 0..100 {
        get(port)?;
    }
    ensure!(requests() == before, "100 in a row: {} more", requests() - before);
    Ok(())
}

/// The README's manifest, with the address of the simulated machine.
fn manifest(imds: &str) -> Result<Table> {
    let readme = include_str!("../../../middleware/token-cache/README.md");
    let manifest = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let mut manifest: Table = manifest.context("the README has a manifest")?.parse()?;
    let component = &mut manifest["component"]["http-app"];
    component["allowed_outbound_hosts"] = vec![imds].into();
    let environment = component["environment"].as_table_mut().context("variables")?;
    environment.remove("AZURE_CLIENT_ID");
    for (name, value) in [
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", imds),
        // The simulated machine tells no client of its identity.
        ("AZURE_TOKEN_CACHE_IDENTITY", "unverified"),
        ("AZURE_TOKEN_CACHE_KEYS", RING),
    ] {
        environment.insert(name.to_owned(), Value::from(value));
    }
    Ok(manifest)
}

#[test]
fn the_spin_manifest_of_the_readme_grants_the_store_to_app_and_cache() -> Result<()> {
    let manifest = manifest("http://127.0.0.1:1")?;
    let component = &manifest["component"]["http-app"];
    assert_eq!(component["key_value_stores"], vec!["default"].into());
    let cache = &component["dependencies"]["azure:identity/token-credential@0.2.0"];
    let inherited = vec!["allowed_outbound_hosts", "environment", "key_value_stores"];
    assert_eq!(cache["inherit_configuration"], inherited.into());
    Ok(())
}

fn get(port: u16) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    if response.contains("managed-identity/imds, until ") {
        return Ok(());
    }
    bail!("{response}")
}
