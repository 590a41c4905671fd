//! The examples in other languages, built, composed and run with the commands of their READMEs, with the simulator on
//! loopback.
#![cfg(unix)]

use anyhow::Result;
use azure_simulator::settings::{FaultSettings, SYSTEM_CLIENT_ID, SYSTEM_OBJECT_ID, Settings, TENANT_ID};
use host_tests::external_tools;
use project::{Project, Ran};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

#[allow(dead_code, reason = "the tests of the hosts need more of it")]
#[path = "hosts/manifest_files.rs"]
mod manifest_files;
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

#[test]
fn js_app_reports_its_identity() -> Result<()> {
    let (Some(_), Some(_), Some(_)) =
        (external_tools::node()?, external_tools::wac()?, external_tools::wasmtime()?)
    else {
        return Ok(());
    };
    reports_its_identity("js-app", "Bearer token, until ")
}

#[test]
fn c_app_reports_its_identity() -> Result<()> {
    let (Some(_), Some(_)) = (external_tools::c_compiler()?, external_tools::wit_bindgen()?) else {
        return Ok(());
    };
    let (Some(_), Some(_)) = (external_tools::wac()?, external_tools::wasmtime()?) else { return Ok(()) };
    reports_its_identity("c-app", "Bearer token of managed-identity/imds, until ")
}

#[test]
fn host_node_reports_its_identity() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    reports_its_identity("host-node", "Bearer token, until ")
}

/// The shim takes the time to connect, here two seconds, for the time in which a connection may be idle;
/// `connect-timeout.js` corrects it.
#[test]
fn host_node_waits_longer_for_a_response_than_for_a_connection() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let mut project = Project::named("host-node-slow", "host-node")?;
    project.build()?;
    let slow = FaultSettings { delay: Duration::from_secs(4), ..FaultSettings::default() };
    project.restart(Settings { faults: vec![slow], ..Settings::default() })?;
    let Ran { success, printed, requests } = project.run("")?;
    assert!(success, "{printed}\n{requests}");
    assert_eq!(requests.matches(" imds GET ").count(), 1, "{requests}");
    Ok(())
}

#[test]
fn host_node_gives_up_an_address_that_does_not_respond() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let mut project = Project::named("host-node-connecting", "host-node")?;
    project.put("connecting.mjs", include_str!("languages/connecting.mjs"))?;
    let ran = project.shell("node --import ./examples/host-node/connect-timeout.js connecting.mjs")?;
    assert_eq!(ran.printed.trim(), "timeout", "the connection is given up after the time to connect");
    Ok(())
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
fn the_sdk_for_javascript_accepts_the_credentials_of_host_node_and_js_app() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let mut project = Project::named("node-policy", "host-node")?;
    for file in ["package.json", "azure-identity.js"] {
        let text = fs::read_to_string(project::workspace().join("examples/js-app").join(file))?;
        project.put(&format!("examples/js-app/{file}"), &text)?;
    }
    project.put("package.json", r#"{ "type": "module" }"#)?;
    project.put("policy.js", include_str!("languages/policy.js"))?;
    project.build()?;
    let ran = project
        .shell("node policy.js examples/host-node/provider/azure-identity.js http://127.0.0.1:8169")?;
    assert!(ran.success, "{}", ran.printed);
    Ok(())
}

#[test]
fn the_examples_install_the_tested_versions() -> Result<()> {
    let ci = project::workspace().join(".ci");
    let packages: Value = serde_json::from_str(&fs::read_to_string(ci.join("node/package.json"))?)?;
    for example in ["js-app", "host-node"] {
        let own = project::workspace().join("examples").join(example).join("package.json");
        let own: Value = serde_json::from_str(&fs::read_to_string(own)?)?;
        let named = ["dependencies", "devDependencies"].iter().filter_map(|kind| own[kind].as_object());
        for (package, version) in named.flatten() {
            assert_eq!(version, &packages["dependencies"][package], "{package} of {example}");
        }
    }
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
