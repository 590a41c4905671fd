//! The demo, run as a user runs it.

use anyhow::{Result, ensure};
use golden::expect_file;
use std::process::Command;

#[test]
fn a_virtual_machine_returns_a_token_after_one_request() -> Result<()> {
    check("imds", &[], true)
}

#[test]
fn a_service_principal_returns_a_token_and_verbose_hides_the_secret() -> Result<()> {
    check("client-secret", &["--source", "client-secret", "--verbose"], true)
}

#[test]
fn a_login_of_the_azure_cli_returns_a_token() -> Result<()> {
    check("azure-cli", &["--source", "azure-cli", "--verbose"], true)
}

#[test]
fn a_malformed_scope_is_an_error_without_a_request() -> Result<()> {
    check("malformed-scope", &["--scope", "bad%scope", "--verbose"], false)
}

#[test]
fn the_doctor_reports_on_a_virtual_machine() -> Result<()> {
    check("doctor", &["doctor", "--simulated", "imds"], true)
}

/// Runs the demo and compares its output with `tests/demo/<name>.txt`, apart from sizes and times.
fn check(name: &str, arguments: &[&str], success: bool) -> Result<()> {
    let output = Command::new(env!("CARGO_BIN_EXE_demo")).args(arguments).env_clear().output()?;
    let screen = format!("{}{}", String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    ensure!(output.status.success() == success, "{screen}");
    // The beginning of a JWT, and of its base64.
    for secret in ["eyJ0", "eyJh", azure_simulator::settings::CLIENT_SECRET] {
        ensure!(!screen.contains(secret), "the output contains a secret");
    }
    let variable = regex::Regex::new(r"\(\d+ KB of wasm\)|\d+(\.\d+)?(ns|µs|ms|s) +")?;
    expect_file![format!("demo/{name}.txt")].assert_eq(&variable.replace_all(&screen, "… "));
    Ok(())
}
