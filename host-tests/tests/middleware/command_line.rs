//! Runs the commands of the READMEs.

use crate::contract::interfaces;
use anyhow::{Context, Result, ensure};
#[cfg(unix)]
use host_tests::background_program::BackgroundProgram;
use host_tests::edition::Edition;
use host_tests::external_tools;
use std::path::Path;
use std::process::Command;
#[cfg(unix)]
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};
use tempfile::TempDir;

const READMES: &[&str] = &[
    include_str!("../../../middleware/allow-scopes/README.md"),
    include_str!("../../../middleware/log/README.md"),
    include_str!("../../../middleware/fake/README.md"),
    include_str!("../../../middleware/token-cache/README.md"),
];

#[test]
fn the_commands_of_the_readmes_compose_the_components() -> Result<()> {
    let Some(wac) = external_tools::wac()? else { return Ok(()) };
    READMES.iter().try_for_each(|readme| walk(&wac, readme).map(drop))
}

#[cfg(unix)]
#[test]
fn the_app_of_the_fakes_readme_reports_the_error_that_the_command_names() -> Result<()> {
    let (Some(wac), Some(wasmtime)) = (external_tools::wac()?, external_tools::wasmtime()?) else {
        return Ok(());
    };
    let readme = include_str!("../../../middleware/fake/README.md");
    let folder = walk(&wac, readme)?;
    let line = readme.lines().find(|line| line.starts_with("wasmtime serve ")).context("no such line")?;
    let line = line.replace("wasmtime serve --addr 127.0.0.1:8080 ", "serve --addr 127.0.0.1:0 ");
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec {} {line}", wasmtime.display())]).current_dir(&folder);
    let mut served = BackgroundProgram::start(&mut command)?;
    let address = served.wait_for("http://")?;
    for _ in 0..2 {
        let response = get(address.trim_end_matches('/'))?;
        assert!(response.starts_with("HTTP/1.0 503 "), "{response}{}", served.output());
        assert!(response.ends_with("fake: call 1 fails, as AZURE_FAKE_ANSWERS says"), "{response}");
    }
    Ok(())
}

#[cfg(unix)]
fn get(address: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET / HTTP/1.0\r\nhost: {address}\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}

/// Runs the commands of a README in a folder with the built components, and returns the folder.
fn walk(wac: &Path, readme: &str) -> Result<TempDir> {
    let folder = TempDir::new()?;
    let components = folder.path().join("target/components");
    std::fs::create_dir_all(&components)?;
    for edition in Edition::WHOLE {
        for path in
            [edition.component(), edition.http_auth(), edition.allow_scopes(), edition.log(), edition.fake()]
                .iter()
                .chain(edition.token_caches())
        {
            let name = Path::new(path).file_name().context("a component is a file")?;
            std::fs::copy(path, components.join(name))?;
        }
    }
    std::fs::copy(env!("HTTP_APP_WASM"), folder.path().join("app.wasm"))?;
    let commands: Vec<_> = readme.lines().filter(|line| line.starts_with("wac plug ")).collect();
    ensure!(commands.len() > 1, "the README has the commands {commands:?}");
    for command in commands {
        let arguments: Vec<_> = command.split_whitespace().skip(1).collect();
        let output = Command::new(wac).args(&arguments).current_dir(&folder).output()?;
        ensure!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        let composed = arguments.last().context("a command has arguments")?;
        let interfaces = interfaces(&folder.path().join(composed))?;
        ensure!(!interfaces.contains("import azure:identity/token-credential"), "{command}: {interfaces}");
    }
    Ok(folder)
}
