//! Folders with recordings: missing subfolders, the calls of `.azure` folders, and errors.

use anyhow::{Context, Result};
use conformance::case::Case;
use conformance::corpus::load;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A folder with one scenario of the Azure CLI, `azure-cli/scenario`, and no other subfolder.
fn with_scenario(wire: &Value) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let scenario = folder.path().join("azure-cli/scenario");
    fs::create_dir_all(scenario.join(".azure"))?;
    fs::write(scenario.join(".azure/azureProfile.json"), "{}")?;
    fs::write(scenario.join("wire.json"), wire.to_string())?;
    Ok(folder)
}

fn wire() -> Value {
    let exchange = |token: &str| {
        json!({
            "method": "POST", "url": "https://login.microsoftonline.com/t/oauth2/v2.0/token", "path": "/t/oauth2/v2.0/token",
            "headers": {}, "form": [["scope", "https://vault.azure.net/.default openid"]], "at": 1.0,
            "response": {"status": 200, "body": json!({"access_token": token, "expires_in": 3599}).to_string()},
        })
    };
    json!({
        "requests": [exchange("AT.1"), exchange("AT.2")],
        "get_access_token": {"accessToken": "AT.2", "expires_on": 1_800_003_600},
    })
}

fn only_case(folder: &Path) -> Result<Case> {
    let cases = load(folder)?;
    assert_eq!(cases.len(), 1);
    cases.into_iter().next().context("no case")
}

fn tokens(case: &Case) -> Vec<Option<&str>> {
    case.observed[0].calls.iter().map(|call| call.outcome.token.as_deref()).collect()
}

#[test]
fn a_missing_subfolder_counts_as_an_empty_one() -> Result<()> {
    let folder = with_scenario(&wire())?;
    let case = only_case(folder.path())?;
    assert_eq!((case.name.as_str(), case.credential.as_str()), ("azure-cli/scenario", "AzureCliCredential"));
    assert_eq!(case.files.keys().collect::<Vec<_>>(), ["/home/user/.azure/azureProfile.json"]);
    assert_eq!(case.calls[0].scopes, ["https://vault.azure.net/.default"]);
    assert_eq!(tokens(&case), [Some("AT.2")]);
    Ok(())
}

#[test]
fn the_calls_of_a_folder_take_precedence_over_its_recording() -> Result<()> {
    let folder = with_scenario(&wire())?;
    let calls = json!([
        {"scope": "https://vault.azure.net/.default", "subscription": "Two", "expect": {"token": "AT.1"}},
        {"scope": "https://storage.azure.com/.default", "expect": "error"},
    ]);
    fs::write(folder.path().join("azure-cli/scenario/calls.json"), calls.to_string())?;
    let case = only_case(folder.path())?;
    assert_eq!(tokens(&case), [Some("AT.1"), None]);
    assert_eq!(case.calls[0].with.get("subscription"), Some(&json!("Two")));
    assert_eq!(case.observed[0].calls[1].outcome.kind, "auth-failed");
    Ok(())
}

#[test]
fn a_scenario_that_shows_no_call_is_refused() -> Result<()> {
    let folder = with_scenario(&json!({"requests": []}))?;
    let error = load(folder.path()).expect_err("nothing shows a call");
    let expected = "in azure-cli/scenario: wire.json shows no call for a token; add calls.json";
    assert_eq!(format!("{error:#}"), expected);
    Ok(())
}

/// Runs the command on a folder and returns its exit code and what it writes to stderr.
fn run(folder: &Path) -> Result<(Option<i32>, String)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    let output = command.arg(folder).env("RUST_BACKTRACE", "1").output()?;
    Ok((output.status.code(), String::from_utf8(output.stderr)?))
}

#[test]
fn an_error_is_one_line_without_a_backtrace() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let missing = folder.path().join("missing");
    let expected = format!("error: {} is not a folder\n", missing.display());
    assert_eq!(run(&missing)?, (Some(2), expected));
    let (code, stderr) = run(folder.path())?;
    assert_eq!((code, stderr.lines().count()), (Some(2), 1), "{stderr}");
    assert!(
        stderr.ends_with("has no cases: expected cases/*.json, azure-cli/*/wire.json or *.jsonl\n"),
        "{stderr}"
    );
    fs::create_dir(folder.path().join("cases"))?;
    fs::write(folder.path().join("cases/broken.json"), "{\n")?;
    let (code, stderr) = run(folder.path())?;
    assert_eq!((code, stderr.lines().count()), (Some(2), 1), "{stderr}");
    assert!(stderr.contains("broken.json: EOF while parsing"), "{stderr}");
    Ok(())
}
