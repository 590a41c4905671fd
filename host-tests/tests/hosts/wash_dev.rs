//! The configuration of `wash dev` in `docs/hosts/wasmcloud.md`.

use crate::manifest_files::workspace;
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
    let Some(wash) = external_tools::wash()? else { return Ok(()) };
    let page = fs::read_to_string(workspace().join("docs/hosts/wasmcloud.md"))?;
    let configuration = page.split("<!-- tested: wash dev -->\n```yaml\n").nth(1);
    let configuration = configuration.and_then(|it| it.split("```").next()).context("no configuration")?;
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
    let simulator = Simulator::start(Settings::default())?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let configuration = configuration
        .replace("cargo components --examples", "\"true\"")
        .replace("127.0.0.1:8000", &format!("127.0.0.1:{port}"))
        .replace("127.0.0.1:8169", &simulator.address().to_string());
    fs::create_dir(folder.path().join(".wash"))?;
    fs::write(folder.path().join(".wash/config.yaml"), configuration)?;
    let mut dev = Command::new(wash);
    dev.args(["dev", "--non-interactive"]).current_dir(&folder).env("HOME", folder.path());
    let mut dev = BackgroundProgram::start(&mut dev)?;
    dev.wait_for("listening for HTTP requests")?;
    for _ in 0..3 {
        let response = get(port)?;
        ensure!(response.contains("managed-identity/imds, until "), "{response}\n{}", dev.output());
    }
    assert_eq!(simulator.log().matches(" imds GET ").count(), 3, "a fresh instance for each call");
    Ok(())
}

fn get(port: u16) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}
