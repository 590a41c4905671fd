//! The configurations of `wash dev` in the documentation.

use crate::developer::Home;
use crate::manifest_files::block;
use anyhow::{Context, Result, ensure};
use azure_simulator::{Settings, Simulator};
use host_tests::background_program::BackgroundProgram;
use host_tests::edition::Edition;
use host_tests::external_tools;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

#[test]
fn wash_dev_serves_app_and_provider_with_the_pages_configuration() -> Result<()> {
    let configuration = block("docs/hosts/wasmcloud.md", "wash dev", "yaml")?;
    let simulator = Simulator::start(Settings::default())?;
    let configuration = configuration.replace("127.0.0.1:8169", &simulator.address().to_string());
    let Some(()) = serve(&configuration, "managed-identity/imds, until ")? else { return Ok(()) };
    assert_eq!(simulator.log().matches(" imds GET ").count(), CALLS, "a fresh instance for each call");
    Ok(())
}

#[test]
fn wash_dev_gives_the_provider_the_login_of_the_azure_cli() -> Result<()> {
    let configuration = block("docs/local-development.md", "wash dev with the Azure CLI", "yaml")?;
    let home = Home::new()?;
    let azure = home.path().join(".azure").display().to_string();
    let configuration = configuration.replace("host_path: /home/user/.azure", &format!("host_path: {azure}"));
    serve(&configuration, "azure-cli/cached-token, until ").map(drop)
}

/// Serves the app with a configuration, and calls it; `None`: a program is missing.
fn serve(configuration: &str, expected: &str) -> Result<Option<()>> {
    let Some(wash) = external_tools::wash()? else { return Ok(None) };
    ensure!(configuration.contains("command: cargo components --examples\n"), "{configuration}");
    let folder = TempDir::new()?;
    for (from, to) in [
        (env!("HTTP_APP_WASM"), "target/examples/http-app.wasm"),
        (Edition::Wasi02.component(), "target/components/azure-identity.wasm"),
    ] {
        let to = folder.path().join(to);
        fs::create_dir_all(to.parent().context("the file has a parent folder")?)?;
        fs::copy(from, to)?;
    }
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let configuration = configuration
        .replace("cargo components --examples", "\"true\"")
        .replace("127.0.0.1:8000", &format!("127.0.0.1:{port}"));
    fs::create_dir(folder.path().join(".wash"))?;
    fs::write(folder.path().join(".wash/config.yaml"), configuration)?;
    let mut dev = Command::new(wash);
    dev.args(["dev", "--non-interactive"]).current_dir(&folder).env("HOME", folder.path());
    let mut dev = BackgroundProgram::start(&mut dev)?;
    dev.wait_for("listening for HTTP requests")?;
    for _ in 0..CALLS {
        let response = get(port)?;
        ensure!(response.contains(expected), "{response}\n{}", dev.output());
    }
    Ok(Some(()))
}

fn get(port: u16) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}

const CALLS: usize = 3;
