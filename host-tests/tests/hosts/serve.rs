//! The lifetime of the cache in `wasmtime serve`.

use crate::manifest_files::workspace;
use anyhow::{Context, Result};
use azure_simulator::{Settings, Simulator};
use host_tests::background_program::BackgroundProgram;
use host_tests::guest::PROVIDER;
use host_tests::{app, external_tools};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

#[test]
fn wasmtime_serve_keeps_the_cache_when_instances_are_reused() -> Result<()> {
    let page = fs::read_to_string(workspace().join("docs/hosts/wasmtime.md"))?.replace("\\\n", "");
    let line =
        page.lines().find(|line| line.starts_with("wasmtime serve ")).context("the page has no such line")?;
    let options = line.split(' ').filter(|it| !it.is_empty()).skip(6);
    let options: Vec<_> = options.take_while(|it| *it != "--env").collect();
    assert_eq!((options[0], options[2]), ("--max-instance-reuse-count", "--idle-instance-timeout"));
    let (Some(reused), Some(fresh)) = (token_requests(&options)?, token_requests(&[])?) else {
        return Ok(());
    };
    // A response may arrive before its instance is free again; the next request then starts a second instance.
    assert!(
        (1..=2).contains(&reused) && fresh == REQUESTS,
        "requests to IMDS: {reused} with reused instances, {fresh} without"
    );
    Ok(())
}

#[test]
fn a_folder_that_does_not_exist_is_a_page_of_html_that_the_book_explains() -> Result<()> {
    let Some(wasmtime) = external_tools::wasmtime()? else { return Ok(()) };
    let folder = TempDir::new()?;
    let (missing, composed) = (folder.path().join(".azure"), composed(&folder)?);
    let mut server = Command::new(wasmtime);
    server.args(["serve", "--addr", "127.0.0.1:0", "-S", "cli", "--dir"]).arg(missing).arg(composed);
    let mut server = BackgroundProgram::start(&mut server)?;
    let response = get(server.wait_for("http://")?.trim_end_matches('/'))?;
    let log = "error: instantiation error: No such file or directory";
    server.wait_for(log)?;
    assert!(response.contains("<h1>500 Internal Server Error</h1>"), "{response}");
    let page = fs::read_to_string(workspace().join("docs/troubleshooting.md"))?;
    assert!(
        page.contains(&format!("\n| `500 Internal Server Error` as a page of HTML, and `{log}` ")),
        "{page}"
    );
    Ok(())
}

/// The number of consecutive requests to the app.
const REQUESTS: usize = 5;

/// The number of requests to IMDS while a server with these options handles [`REQUESTS`]; `None`: wasmtime is missing.
fn token_requests(options: &[&str]) -> Result<Option<usize>> {
    let Some(wasmtime) = external_tools::wasmtime()? else { return Ok(None) };
    let folder = TempDir::new()?;
    let composed = composed(&folder)?;
    let simulator = Simulator::start(Settings::default())?;
    let imds = format!("http://{}", simulator.address());
    let mut server = Command::new(wasmtime);
    server.args(["serve", "--addr", "127.0.0.1:0", "-S", "cli"]).args(options);
    server.arg("--env").arg(format!("AZURE_POD_IDENTITY_AUTHORITY_HOST={imds}")).arg(&composed);
    let mut server = BackgroundProgram::start(&mut server)?;
    let address = server.wait_for("http://")?;
    for _ in 0..REQUESTS {
        std::thread::sleep(Duration::from_millis(50));
        let response = get(address.trim_end_matches('/'))?;
        assert!(response.contains("managed-identity/imds, until "), "{response}");
    }
    Ok(Some(simulator.log().matches(" imds GET ").count()))
}

/// The app with its provider, in a file of this folder.
fn composed(folder: &TempDir) -> Result<PathBuf> {
    let file = folder.path().join("composed.wasm");
    fs::write(&file, app::plug(Path::new(env!("HTTP_APP_WASM")), Path::new(PROVIDER))?)?;
    Ok(file)
}

/// The response to a request to a server.
pub fn get(address: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}
