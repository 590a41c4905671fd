//! The packages for JavaScript in the hands of their users: types, the Azure SDK, the apps of the examples.

use crate::npm_packages;
use crate::npm_project::NpmProject;
use crate::project::{Project, Ran, workspace};
use crate::typescript_manifests::reads_a_secret_on_wasmcloud;
use crate::{expected_claims, identity_claims, prints_its_identity};
use anyhow::{Context, Result};
use azure_simulator::settings::{FaultSettings, Settings};
use host_tests::external_tools;
use serde_json::Value;
use std::fs;
use std::time::Duration;

#[test]
fn host_node_reports_its_identity() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let project = Project::of("host-node")?;
    npm_packages::install(&project)?;
    prints_its_identity(project, "Bearer token, until ")
}

/// The shim takes the time to connect, here two seconds, for the time in which a connection may be idle;
/// `connect-timeout.js` corrects it.
#[test]
fn host_node_waits_longer_for_a_response_than_for_a_connection() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let mut project = Project::named("host-node-slow", "host-node")?;
    npm_packages::install(&project)?;
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
    npm_packages::install(&project)?;
    project.put("connecting.mjs", include_str!("connecting.mjs"))?;
    let ran = project.shell(
        "node --import ./examples/node_modules/azure-identity-host/connect-timeout.js connecting.mjs",
    )?;
    assert_eq!(ran.printed.trim(), "timeout", "the connection is given up after the time to connect");
    Ok(())
}

#[test]
fn the_sdk_for_javascript_accepts_the_credentials_of_both_packages() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let mut project = Project::named("node-policy", "host-node")?;
    npm_packages::install(&project)?;
    project.put("examples/package.json", r#"{ "type": "module" }"#)?;
    project.put("examples/policy.js", include_str!("policy.js"))?;
    let ran = project.shell("cd examples && node policy.js http://127.0.0.1:8169")?;
    assert!(ran.success, "{}", ran.printed);
    Ok(())
}

#[test]
fn the_types_of_both_packages_are_those_of_the_sdk() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let mut project = Project::named("node-types", "host-node")?;
    npm_packages::install(&project)?;
    project.put("examples/types.ts", include_str!("types.ts"))?;
    let options = "--noEmit --strict --target es2022 --module nodenext --types '' --lib es2022,dom";
    let tsc = format!("cd examples && node ../node_modules/typescript/bin/tsc {options} types.ts");
    let ran = project.shell(&tsc)?;
    assert!(ran.success, "{}", ran.printed);
    Ok(())
}

/// Installed, built and composed by npm alone, from the registry; served by wasmtime with the command of its README, and by
/// wasmCloud with its manifest.
#[test]
fn typescript_app_reads_a_secret() -> Result<()> {
    let (Some(_), Some(_)) = (external_tools::node()?, external_tools::wasmtime()?) else { return Ok(()) };
    let mut project = NpmProject::start()?;
    project.copy("examples/typescript-app")?;
    let readme = fs::read_to_string(workspace().join("examples/typescript-app/README.md"))?;
    let lines = readme.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    let lines = lines.context("the README has no commands")?.replace("\\\n", "");
    let line = |start: &str| lines.lines().find(|line| line.starts_with(start)).context("no such line");
    for command in ["npm install", "npx tsc -p .", "npm run build", "npm run compose"] {
        project.run(line(command)?)?;
    }
    // Ahead of time and by the quick compiler: a debug build's time limits are those of the test.
    project.run("wasmtime compile -C compiler=winch composed.wasm -o composed.cwasm")?;
    let serve = line("wasmtime serve")?.replace("composed.wasm", "composed.cwasm");
    let serve =
        serve.replace("--addr 127.0.0.1:8080 ", "--addr 127.0.0.1:0 -C compiler=winch --allow-precompiled ");
    let address = project.serve(&serve, "http://")?;
    let address = address.trim_end_matches('/');
    assert_eq!(project.run(&format!("curl -s {address}/secret"))?, "hello from the vault\n");
    let claims = project.run(&format!("curl -s {address}/identity"))?;
    assert_eq!(identity_claims(&claims)?, expected_claims());
    let log = project.requests();
    assert_eq!(log.matches(" imds GET ").count(), 2, "an instance, and its cache, is one request's:\n{log}");
    reads_a_secret_on_wasmcloud(&project.file("app.wasm"))
}

/// With Spin's own tools, which find the interface in the package's manifest. Spin itself is in no registry.
#[test]
fn the_build_tools_of_spin_find_the_interface_in_the_package() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let project = NpmProject::start()?;
    let page = fs::read_to_string(workspace().join("docs/quick-start/typescript.md"))?;
    project.write_files(&page)?;
    project.write("package.json", include_str!("spin_package.json"))?;
    project.write("build.mjs", include_str!("spin_build.mjs"))?;
    project.run("npm install && node build.mjs && npx j2w -i bundle.js -o spin.wasm")?;
    project.run("npx azure-identity-guest compose spin.wasm -o composed.wasm")?;
    let wit = project.run("npx jco wit spin.wasm")?;
    let import = wit.contains("import azure:identity/token-credential@0.2.0;");
    assert!(import && wit.contains("export wasi:http/incoming-handler@"), "{wit}");
    Ok(())
}

#[test]
fn the_packages_for_javascript_name_the_tested_versions() -> Result<()> {
    let tools: Value = serde_json::from_str(&fs::read_to_string(workspace().join(".ci/node/package.json"))?)?;
    for manifest in
        ["examples/host-node", "examples/typescript-app", "packages/npm/guest", "packages/npm/host"]
    {
        let own = fs::read_to_string(workspace().join(manifest).join("package.json"))?;
        let own: Value = serde_json::from_str(&own)?;
        let named = ["dependencies", "devDependencies"].iter().filter_map(|kind| own[kind].as_object());
        for (package, version) in named.flatten() {
            let tested = match package.as_str() {
                "azure-identity-guest" | "azure-identity-host" => env!("CARGO_PKG_VERSION").into(),
                other => tools["dependencies"][other].clone(),
            };
            assert_eq!(version, &tested, "{package} of {manifest}");
        }
    }
    Ok(())
}
