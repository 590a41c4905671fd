//! The examples in other languages: built, composed and run by the lines of their READMEs, in front of the
//! simulator on loopback.
#![cfg(unix)]

use anyhow::Result;
use azure_simulator::settings::TENANT_ID;
use azure_simulator::settings::{SYSTEM_CLIENT_ID, SYSTEM_OBJECT_ID};
use host_tests::foreign;
use project::{Project, Ran};
use serde_json::{Value, json};
use std::fs;

#[path = "languages/project.rs"]
mod project;

#[test]
fn python_app_says_which_identity_it_has() -> Result<()> {
    let (Some(_), Some(_), Some(_)) = (foreign::python()?, foreign::wac()?, foreign::wasmtime()?) else {
        return Ok(());
    };
    says_which_identity_it_has("python-app", "Bearer token of managed-identity/imds, until ")
}

#[test]
fn js_app_says_which_identity_it_has() -> Result<()> {
    let (Some(_), Some(_), Some(_)) = (foreign::node()?, foreign::wac()?, foreign::wasmtime()?) else {
        return Ok(());
    };
    says_which_identity_it_has("js-app", "Bearer token, until ")
}

#[test]
fn c_app_says_which_identity_it_has() -> Result<()> {
    let (Some(_), Some(_)) = (foreign::c_compiler()?, foreign::wit_bindgen()?) else { return Ok(()) };
    let (Some(_), Some(_)) = (foreign::wac()?, foreign::wasmtime()?) else { return Ok(()) };
    says_which_identity_it_has("c-app", "Bearer token of managed-identity/imds, until ")
}

#[test]
fn host_python_says_which_identity_it_has() -> Result<()> {
    let Some(_) = foreign::python()? else { return Ok(()) };
    says_which_identity_it_has("host-python", "Bearer token, until ")
}

#[test]
fn host_node_says_which_identity_it_has() -> Result<()> {
    let Some(_) = foreign::node()? else { return Ok(()) };
    says_which_identity_it_has("host-node", "Bearer token, until ")
}

/// Follows the example's README to the end, and once more with a scope that is none.
fn says_which_identity_it_has(example: &str, greeting: &str) -> Result<()> {
    let project = Project::of(example)?;
    project.build()?;
    let Ran { success, printed, requests } = project.run("")?;
    assert!(success, "{printed}");
    let (told, claims) = printed.trim_end().split_once('\n').expect("it prints two lines");
    assert!(told.starts_with(greeting), "{told}");
    assert_eq!(of_the_identity(claims)?, expected_claims());
    assert!(!printed.contains("eyJ"), "it prints the token:\n{printed}");
    assert_eq!(requests.matches(" imds GET ").count(), 1, "{requests}");

    let Ran { success, printed, requests } = project.run(" 'a scope'")?;
    let complaint = "get-token: a scope has a character that no scope has";
    assert!(!success && printed.contains(complaint), "{printed}");
    assert_eq!(requests, "", "the scope is refused before anything is sent");
    Ok(())
}

#[test]
fn the_sdk_for_python_takes_the_credential_of_host_python() -> Result<()> {
    let Some(_) = foreign::python()? else { return Ok(()) };
    let project = Project::named("host-python-policy", "host-python")?;
    project.put("examples/host-python/host_policy.py", include_str!("languages/host_policy.py"))?;
    let ran =
        project.shell("python examples/host-python/host_policy.py target/components/azure-identity.wasm http://127.0.0.1:8169")?;
    assert!(ran.success, "{}", ran.printed);
    assert_eq!(ran.requests.matches(" imds GET ").count(), 2, "one more for the claims: {}", ran.requests);
    Ok(())
}

#[test]
fn the_sdk_for_python_takes_the_credential_of_python_app() -> Result<()> {
    let Some(_) = foreign::python()? else { return Ok(()) };
    let project = Project::named("python-app-policy", "python-app")?;
    project.put("examples/python-app/guest_policy.py", include_str!("languages/guest_policy.py"))?;
    let bindings =
        "componentize-py -d wit/0.2 -d examples/python-app/wit -w example:python-app/app bindings bindings";
    let ran = project.shell(&format!(
        "[ -d bindings ] || {bindings}\npython examples/python-app/guest_policy.py bindings"
    ))?;
    assert!(ran.success, "{}", ran.printed);
    Ok(())
}

#[test]
fn the_sdk_for_javascript_takes_the_credentials_of_host_node_and_js_app() -> Result<()> {
    let Some(_) = foreign::node()? else { return Ok(()) };
    let project = Project::named("node-policy", "host-node")?;
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
fn the_examples_name_the_versions_that_are_tested() -> Result<()> {
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
    let (python, tools) =
        (fs::read_to_string(ci.join("python/requirements.txt"))?, fs::read_to_string(ci.join("tools"))?);
    for example in ["python-app", "host-python", "c-app"] {
        let lines = project::readme(example)?;
        let line =
            lines.lines().find(|it| it.starts_with("pip install ") || it.starts_with("cargo install "));
        let line = line.unwrap_or_else(|| panic!("{example} installs nothing"));
        for pin in line.strip_prefix("pip install ").into_iter().flat_map(|pins| pins.split(' ')) {
            assert!(python.lines().any(|known| known == pin), "{pin} of {example} is not what is tested");
        }
        if let Some(cargo) = line.strip_prefix("cargo install ") {
            let wanted = cargo.replace("--version =", "");
            assert!(tools.contains(&wanted), "{wanted} of {example} is not what is tested");
        }
    }
    Ok(())
}

/// Who the token is of, out of all that it says.
fn of_the_identity(claims: &str) -> Result<Value> {
    let claims: Value = serde_json::from_str(claims)?;
    Ok(json!({ "aud": claims["aud"], "tid": claims["tid"], "appid": claims["appid"], "oid": claims["oid"] }))
}

/// The identity that the simulated machine has of its own, at the vault.
fn expected_claims() -> Value {
    json!({
        "aud": "https://vault.azure.net",
        "tid": TENANT_ID,
        "appid": SYSTEM_CLIENT_ID,
        "oid": SYSTEM_OBJECT_ID,
    })
}
