//! The examples in other languages, built, composed and run with the commands of their READMEs, with the simulator on
//! loopback.
#![cfg(unix)]

use anyhow::Result;
use azure_simulator::settings::{SYSTEM_CLIENT_ID, SYSTEM_OBJECT_ID, TENANT_ID};
use host_tests::external_tools;
use project::{Project, Ran};
use serde_json::{Value, json};
use std::fs;

#[path = "languages/example_manifests.rs"]
mod example_manifests;
#[path = "languages/javascript.rs"]
mod javascript;
#[allow(dead_code, reason = "the tests of the hosts need more of it")]
#[path = "hosts/manifest_files.rs"]
mod manifest_files;
#[path = "languages/npm_packages.rs"]
mod npm_packages;
#[path = "languages/npm_project.rs"]
mod npm_project;
#[path = "languages/project.rs"]
mod project;
#[path = "languages/python.rs"]
mod python;
#[path = "languages/python_manifests.rs"]
mod python_manifests;
#[path = "languages/python_site.rs"]
mod python_site;
#[path = "languages/python_wheels.rs"]
mod python_wheels;
#[path = "languages/quick_start_python.rs"]
mod quick_start_python;
#[path = "languages/quick_start_typescript.rs"]
mod quick_start_typescript;
#[path = "languages/typescript_manifests.rs"]
mod typescript_manifests;

#[test]
fn c_app_reports_its_identity() -> Result<()> {
    let (Some(_), Some(_)) = (external_tools::c_compiler()?, external_tools::wit_bindgen()?) else {
        return Ok(());
    };
    let (Some(_), Some(_)) = (external_tools::wac()?, external_tools::wasmtime()?) else { return Ok(()) };
    reports_its_identity("c-app", "Bearer token of managed-identity/imds, until ")
}

/// Runs the commands of the example's README, and the last one again with a malformed scope.
fn reports_its_identity(example: &str, greeting: &str) -> Result<()> {
    prints_its_identity(Project::of(example)?, greeting)
}

fn prints_its_identity(mut project: Project, greeting: &str) -> Result<()> {
    project.build()?;
    let Ran { success, printed, requests } = project.run("")?;
    assert!(success, "{printed}");
    let (line, claims) = printed.trim_end().split_once('\n').expect("it prints two lines");
    assert!(line.starts_with(greeting), "{line}");
    assert_eq!(identity_claims(claims)?, expected_claims());
    assert!(!printed.contains("eyJ"), "the output contains the token:\n{printed}");
    assert_eq!(requests.matches(" imds GET ").count(), 1, "{requests}");

    let Ran { success, printed, requests } = project.run(" 'a scope'")?;
    let message = "get-token: a scope has a character that no scope has";
    assert!(!success && printed.contains(message), "{printed}");
    assert_eq!(requests, "", "the scope is refused before anything is sent");
    Ok(())
}

#[test]
fn the_examples_install_the_tested_versions() -> Result<()> {
    let ci = project::workspace().join(".ci");
    let pinned = |file: &str| fs::read_to_string(ci.join("python").join(file));
    let python = pinned("requirements.txt")? + &pinned("downloads.txt")?;
    let tools = fs::read_to_string(ci.join("tools"))?;
    for example in ["python-app", "host-python", "c-app"] {
        let lines = project::readme(example)?;
        let line =
            lines.lines().find(|it| it.starts_with("pip install ") || it.starts_with("cargo install "));
        let line = line.unwrap_or_else(|| panic!("{example} installs nothing"));
        let pins = line.strip_prefix("pip install ").into_iter().flat_map(|pins| pins.split(' '));
        for pin in pins.filter(|pin| pin.contains("==")) {
            assert!(python.lines().any(|known| known == pin), "{pin} of {example} is not the tested version");
        }
        if let Some(cargo) = line.strip_prefix("cargo install ") {
            let wanted = cargo.replace("--version =", "");
            assert!(tools.contains(&wanted), "{wanted} of {example} is not the tested version");
        }
    }
    Ok(())
}

/// The claims that describe the identity.
fn identity_claims(claims: &str) -> Result<Value> {
    let claims: Value = serde_json::from_str(claims)?;
    Ok(json!({ "aud": claims["aud"], "tid": claims["tid"], "appid": claims["appid"], "oid": claims["oid"] }))
}

/// The claims of the simulated machine's system-assigned identity, for the vault.
fn expected_claims() -> Value {
    json!({
        "aud": "https://vault.azure.net",
        "tid": TENANT_ID,
        "appid": SYSTEM_CLIENT_ID,
        "oid": SYSTEM_OBJECT_ID,
    })
}
