//! Runs the commands of the example's README, `wac plug` and `wasmtime serve`, with two simulators.

use anyhow::{Context, Result, ensure};
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Settings, Simulator};
use host_tests::background_program::BackgroundProgram;
use host_tests::edition::Edition;
use host_tests::external_tools;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const README: &str = include_str!("../../../examples/http-auth-secret/README.md");

#[test]
fn http_auth_secret_runs_in_wasmtime_serve_with_the_readmes_commands() -> Result<()> {
    serve(README)
}

#[test]
fn http_auth_secret_runs_over_the_synchronous_provider_too() -> Result<()> {
    let readme = README.replace("/azure-identity-0.3.wasm", "/azure-identity.wasm");
    let readme = readme.replace("/http-auth.wasm", "/http-auth-0.2.wasm");
    ensure!(readme.contains("http-auth-0.2.wasm --plug target/components/azure-identity.wasm"), "{readme}");
    serve(&readme)
}

#[test]
fn http_auth_secret_runs_in_wasmtime_serve_with_the_commands_of_the_book() -> Result<()> {
    serve(include_str!("../../../docs/http-auth.md"))
}

/// Runs the commands of a README or a page, which name the components in `target` or as downloaded files.
fn serve(readme: &str) -> Result<()> {
    let (Some(wasmtime), Some(wac)) = (external_tools::wasmtime()?, external_tools::wac()?) else {
        return Ok(());
    };
    let folder = TempDir::new()?;
    for (from, to) in [
        (env!("HTTP_AUTH_SECRET_WASM"), "examples/http-auth-secret"),
        (Edition::Wasi03.http_auth(), "components/http-auth"),
        (Edition::Wasi03.component(), "components/azure-identity-0.3"),
        (Edition::Wasi02.http_auth(), "components/http-auth-0.2"),
        (Edition::Wasi02.component(), "components/azure-identity"),
    ] {
        let to = folder.path().join(format!("target/{to}.wasm"));
        std::fs::create_dir_all(to.parent().context("the file has a parent folder")?)?;
        std::fs::copy(from, &to)?;
        std::fs::copy(from, folder.path().join(to.file_name().context("the file has a name")?))?;
    }
    let identity = Simulator::start(Settings::default())?;
    let vault = Simulator::start(Settings::default())?;
    let (identity_address, vault_address) = (identity.address().to_string(), vault.address().to_string());
    let tools = [wasmtime, wac].map(|tool| tool.parent().map(Path::to_owned).unwrap_or_default());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(tools.into_iter().chain(std::env::split_paths(&path)))?;
    let shell = |line: &str| {
        let line =
            line.replace("127.0.0.1:8169", &identity_address).replace("127.0.0.1:8170", &vault_address);
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec {line}")]).current_dir(&folder).env_clear();
        command.env("PATH", &path).env("HOME", folder.path());
        command
    };
    let readme = readme.replace("\\\n", " ");
    for line in readme.lines().filter(|line| line.starts_with("wac plug ")) {
        let output = shell(line).output()?;
        ensure!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let line = readme.lines().find(|line| line.starts_with("wasmtime serve ")).context("no such line")?;
    let line = line.replace("--addr 127.0.0.1:8080 ", "--addr 127.0.0.1:0 ");
    let mut served = BackgroundProgram::start(&mut shell(&line))?;
    let address = served.wait_for("http://")?;
    let address = address.trim_end_matches('/');
    for _ in 0..20 {
        let response = get(address, "/secret")?;
        assert!(
            response.starts_with("HTTP/1.1 200 ") && response.contains(VAULT_SECRET),
            "{response}{}",
            served.output()
        );
    }
    let log = vault.log();
    assert_eq!(log.matches(" -> 200 secret greeting for ").count(), 20, "{log}");
    assert!(!served.output().contains("eyJ"), "{}", served.output());
    Ok(())
}

fn get(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}
