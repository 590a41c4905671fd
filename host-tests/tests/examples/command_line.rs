//! Runs the commands of the examples' READMEs, `wac plug`, `wasmtime run` and `wasmtime serve`, with the simulator on
//! loopback.

use anyhow::{Context, Result, bail};
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Settings, Simulator};
use host_tests::background_program::BackgroundProgram;
use host_tests::external_tools;
use host_tests::guest::PROVIDER;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;

/// A shell in a folder with the layout of the workspace after `cargo components`, and a simulator.
pub struct Shell {
    /// The folder.
    pub folder: TempDir,
    tools: Vec<PathBuf>,
    /// The simulator.
    pub simulator: Simulator,
}

impl Shell {
    /// Prepares the folder; `None`: wasmtime or wac is missing.
    pub fn open(example: &str, component: &str) -> Result<Option<Shell>> {
        let (Some(wasmtime), Some(wac)) = (external_tools::wasmtime()?, external_tools::wac()?) else {
            return Ok(None);
        };
        let folder = TempDir::new()?;
        for (from, to) in
            [(component, format!("examples/{example}")), (PROVIDER, "components/azure-identity".into())]
        {
            let to = folder.path().join(format!("target/{to}.wasm"));
            std::fs::create_dir_all(to.parent().context("the file has a parent folder")?)?;
            std::fs::copy(from, to)?;
        }
        let simulator = Simulator::start(Settings::default())?;
        let tools = [wasmtime, wac].iter().filter_map(|tool| tool.parent()).map(Path::to_owned).collect();
        Ok(Some(Shell { folder, tools, simulator }))
    }

    /// The command of `readme` with this beginning, with the address of the simulator.
    fn line(&self, readme: &str, beginning: &str) -> Result<String> {
        let joined = readme.replace("\\\n", " ");
        let line = joined.lines().find(|line| line.starts_with(beginning));
        let line = line.with_context(|| format!("no line of the README begins with {beginning}"))?;
        Ok(line.replace("127.0.0.1:8169", &self.simulator.address().to_string()))
    }

    /// A command in the folder, which is also `HOME`; only `PATH` is inherited.
    pub fn command(&self, line: &str) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(self.tools.iter().cloned().chain(std::env::split_paths(&path)));
        let mut command = Command::new("sh");
        // `exec` replaces the shell, so that killing the process ends the program.
        command.args(["-c", &format!("exec {line}")]).current_dir(&self.folder);
        command.env_clear().env("PATH", path.unwrap_or_default()).env("HOME", self.folder.path());
        command
    }

    /// Composes the app with the README's command.
    fn plug(&self, readme: &str) -> Result<()> {
        let output = self.command(&self.line(readme, "wac plug ")?).output()?;
        ensure_success(&output)
    }
}

/// Fails with the output of a program that failed.
pub fn ensure_success(output: &Output) -> Result<()> {
    if !output.status.success() {
        bail!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// The status and body of `GET path` at `address`.
pub fn get(address: &str, path: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (head, body) = response.split_once("\r\n\r\n").context("no response")?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Ok((status, if is_chunked { decode_chunked(body) } else { body.to_owned() }))
}

/// Decodes a chunked body (RFC 9112, section 7.1) without line breaks in its content: every second line is a length.
fn decode_chunked(body: &str) -> String {
    body.split("\r\n").skip(1).step_by(2).collect()
}

#[test]
fn keyvault_app_runs_in_wasmtime_serve_with_the_readmes_commands() -> Result<()> {
    let readme = include_str!("../../../examples/keyvault-app/README.md");
    let Some(shell) = Shell::open("keyvault-app", env!("KEYVAULT_APP_WASM"))? else { return Ok(()) };
    shell.plug(readme)?;
    let line = shell.line(readme, "wasmtime serve ")?;
    let line = line.replace("--addr 127.0.0.1:8080 ", "--addr 127.0.0.1:0 ");
    let mut served = BackgroundProgram::start(&mut shell.command(&line))?;
    let address = served.wait_for("http://")?;
    let address = address.trim_end_matches('/');
    assert_eq!(get(address, "/ping")?, (200, "pong".to_owned()));
    // Each request has an instance of its own; an error in ending a request shows in a few of many instances.
    for _ in 0..50 {
        assert_eq!(get(address, "/")?, (200, VAULT_SECRET.to_owned()), "{}", served.output());
    }
    let log = shell.simulator.log();
    assert_eq!(log.matches(" app-service GET ").count(), 50, "{log}");
    assert_eq!(log.matches(" -> 200 secret greeting for ").count(), 50, "{log}");
    assert!(!log.contains(VAULT_SECRET) && !log.contains("eyJ"), "{log}");
    Ok(())
}

#[test]
fn doctor_runs_in_wasmtime_run_with_the_readmes_commands() -> Result<()> {
    let readme = include_str!("../../../examples/doctor/README.md");
    let Some(shell) = Shell::open("doctor", env!("DOCTOR_WASM"))? else { return Ok(()) };
    shell.plug(readme)?;
    let folder = shell.folder.path().join(".azure");
    std::fs::create_dir(&folder)?;
    let saved = folder.join("saved.json");
    let token = r#"{ "accessToken": "an.opaque.token", "tokenType": "Bearer", "expires_on": 4102444800 }"#;
    std::fs::write(&saved, token)?;
    let mut doctor = shell.command(&shell.line(readme, "wasmtime run ")?);
    doctor.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", format!("http://{}", shell.simulator.address()));
    doctor.env("AZURE_CLI_SAVED_TOKEN", &saved);
    let output = doctor.output()?;
    ensure_success(&output)?;
    let screen = String::from_utf8(output.stdout)?;
    for part in [
        "managed-identity     returns a token  reached    as managed-identity/imds",
        "azure-cli            returns a token  reached    as azure-cli",
        "\naud                  https://vault.azure.net\n",
    ] {
        assert!(screen.contains(part), "{part:?} is not in:\n{screen}");
    }
    assert!(!screen.contains("eyJ") && !screen.contains("an.opaque.token"), "{screen}");
    Ok(())
}
