//! The demo as people run it.

use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;

#[test]
fn a_virtual_machine_gives_a_token_for_one_request() -> Result<()> {
    shows("imds", &[], true)
}

#[test]
fn a_service_principal_gives_a_token_and_verbose_shows_the_request_without_the_secret() -> Result<()> {
    shows("client-secret", &["--source", "client-secret", "--verbose"], true)
}

#[test]
fn a_login_of_the_azure_cli_gives_a_token() -> Result<()> {
    shows("azure-cli", &["--source", "azure-cli", "--verbose"], true)
}

#[test]
fn a_malformed_scope_is_told_and_nothing_is_sent() -> Result<()> {
    shows("malformed-scope", &["--scope", "bad%scope", "--verbose"], false)
}

#[test]
fn the_doctor_describes_a_virtual_machine() -> Result<()> {
    shows("doctor", &["doctor", "--simulated", "imds"], true)
}

/// Compares the screen with `tests/demo/<name>.txt`, but for sizes and times.
fn shows(name: &str, arguments: &[&str], success: bool) -> Result<()> {
    let output = Command::new(env!("CARGO_BIN_EXE_demo")).args(arguments).env_clear().output()?;
    let screen = format!("{}{}", String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    ensure!(output.status.success() == success, "{screen}");
    // A JWT begins so, and so does its base64.
    for secret in ["eyJ0", "eyJh", azure_simulator::settings::CLIENT_SECRET] {
        ensure!(!screen.contains(secret), "the screen shows a secret");
    }
    let changing = regex::Regex::new(r"\(\d+ KB of wasm\)|\d+(\.\d+)?(ns|µs|ms|s) +")?;
    let screen = changing.replace_all(&screen, "… ").into_owned();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/demo/{name}.txt"));
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        return Ok(std::fs::write(golden, screen)?);
    }
    let kept = std::fs::read_to_string(&golden).unwrap_or_default();
    let diff = similar::TextDiff::from_lines(kept.as_str(), &screen).unified_diff().to_string();
    ensure!(diff.is_empty(), "the screen differs (BLESS=1 cargo test writes it anew):\n{diff}");
    Ok(())
}
