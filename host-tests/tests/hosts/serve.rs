//! How long the cache lives in `wasmtime serve`.

use anyhow::{Context, Result};
use azure_simulator::{Settings, Simulator};
use host_tests::guest::PROVIDER;
use host_tests::running::Running;
use host_tests::{app, foreign};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

#[test]
fn wasmtime_serve_keeps_the_cache_when_it_is_told_to_keep_instances() -> Result<()> {
    let page = fs::read_to_string(super::workspace().join("docs/hosts.md"))?.replace("\\\n", "");
    let line =
        page.lines().find(|line| line.starts_with("wasmtime serve ")).context("the page has the line")?;
    let keeping = line.split(' ').filter(|it| !it.is_empty()).skip(4);
    let keeping: Vec<_> = keeping.take_while(|it| *it != "--env").collect();
    assert_eq!((keeping[0], keeping[2]), ("--max-instance-reuse-count", "--idle-instance-timeout"));
    let (Some(kept), Some(fresh)) = (token_requests(&keeping)?, token_requests(&[])?) else { return Ok(()) };
    // An answer may be here before its instance is free again; the next request then starts a second one.
    assert!(
        (1..=2).contains(&kept) && fresh == REQUESTS,
        "requests to IMDS: {kept} with instances kept, {fresh} without"
    );
    Ok(())
}

/// How many requests to the app follow each other.
const REQUESTS: usize = 5;

/// How often IMDS is asked while a server with these options answers [`REQUESTS`]; `None`: there is no wasmtime.
fn token_requests(options: &[&str]) -> Result<Option<usize>> {
    let Some(wasmtime) = foreign::wasmtime()? else { return Ok(None) };
    let folder = TempDir::new()?;
    let composed = folder.path().join("composed.wasm");
    fs::write(&composed, app::plug(Path::new(env!("HTTP_APP_WASM")), Path::new(PROVIDER))?)?;
    let simulator = Simulator::start(Settings::default())?;
    let imds = format!("http://{}", simulator.address());
    let mut server = Command::new(wasmtime);
    server.args(["serve", "--addr", "127.0.0.1:0", "-S", "cli"]).args(options);
    server.arg("--env").arg(format!("AZURE_POD_IDENTITY_AUTHORITY_HOST={imds}")).arg(&composed);
    let mut server = Running::start(&mut server)?;
    let address = server.wait_for("http://")?;
    for _ in 0..REQUESTS {
        std::thread::sleep(Duration::from_millis(50));
        let answer = get(address.trim_end_matches('/'))?;
        assert!(answer.contains("managed-identity/imds, until "), "{answer}");
    }
    Ok(Some(simulator.log().matches(" imds GET ").count()))
}

fn get(address: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut told = String::new();
    stream.read_to_string(&mut told)?;
    Ok(told)
}
