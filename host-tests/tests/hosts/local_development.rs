//! The commands for wasmtime in `docs/local-development.md`.

use crate::developer::Home;
use crate::manifest_files::workspace;
use anyhow::{Context, Result, ensure};
use azure_simulator::{Settings, Simulator};
use host_tests::background_program::BackgroundProgram;
use host_tests::guest::PROVIDER;
use host_tests::{app, external_tools};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[test]
fn the_pages_commands_for_wasmtime_get_a_token_from_the_simulator_the_cli_and_a_saved_token() -> Result<()> {
    let Some(wasmtime) = external_tools::wasmtime()? else { return Ok(()) };
    let page = fs::read_to_string(workspace().join("docs/local-development.md"))?.replace("\\\n  ", " ");
    let lines: Vec<_> = page.lines().filter(|line| line.starts_with("wasmtime serve ")).collect();
    // The last but one is for Windows.
    let [simulated, mounted, windows, saved] = lines.as_slice() else { panic!("four lines: {lines:?}") };
    ensure!(windows.contains(r#"--dir "$HOME\.azure::/home/.azure""#), "{windows}");
    let home = Home::new()?;
    let simulator = Simulator::start(Settings::default())?;
    fs::create_dir(home.path().join("target"))?;
    let composed = app::plug(Path::new(env!("HTTP_APP_WASM")), Path::new(PROVIDER))?;
    fs::write(home.path().join("target/http-app.wasm"), composed)?;
    for (line, source) in [
        (*simulated, "managed-identity/imds"),
        (*mounted, "azure-cli/cached-token"),
        // The command for Windows, in the shell of this test.
        (&windows.replace(r"$HOME\.azure", "$HOME/.azure"), "azure-cli/cached-token"),
        (*saved, "azure-cli/saved-token"),
    ] {
        let line = line
            .replace("127.0.0.1:8169", &simulator.address().to_string())
            .replace("wasmtime serve ", &format!("exec {} serve ", wasmtime.display()))
            .replace("--addr 127.0.0.1:8080 ", "--addr 127.0.0.1:0 ");
        let mut server = Command::new("sh");
        server.args(["-c", &line]).current_dir(home.path()).env("HOME", home.path());
        let mut server = BackgroundProgram::start(&mut server)?;
        let address = server.wait_for("http://")?;
        let response = get(address.trim_end_matches('/')).context(line.clone())?;
        ensure!(response.contains(&format!("{source}, until ")), "{line}: {response}");
    }
    Ok(())
}

fn get(address: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}
