//! What the manifests of the examples grant: what is needed, and nothing else.

use crate::allowlist::Allowlist;
use crate::manifest_files::{built, component, folder, interface, list, spin, text, wasmcloud};
use anyhow::{Context, Result};
use azure_simulator::{Azure, Settings};
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use host_tests::network::Network;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[test]
fn the_spin_manifest_passes_hosts_and_environment_to_the_provider() -> Result<()> {
    let manifest = spin("http-app")?;
    let component = &manifest["component"]["http-app"];
    assert_eq!(manifest["spin_manifest_version"].as_integer(), Some(2));
    assert_eq!(manifest["trigger"]["http"][0]["component"].as_str(), Some("http-app"));
    assert_eq!(built("http-app", "http-app")?, folder("http-app").join(text(&component["source"])?));
    let dependencies = component["dependencies"].as_table().context("there are dependencies")?;
    let interface = interface("0.2", "token-credential")?;
    assert_eq!(dependencies.keys().collect::<Vec<_>>(), [&interface]);
    let provider = dependencies[&interface].as_table().context("a dependency is a table")?;
    // Spin ignores unknown keys and names, so no other may be present.
    assert_eq!(provider.keys().collect::<Vec<_>>(), ["inherit_configuration", "path"]);
    assert_eq!(built("http-app", "azure-identity")?, folder("http-app").join(text(&provider["path"])?));
    let inherited = list(&manifest, &provider["inherit_configuration"])?;
    assert_eq!(inherited, ["allowed_outbound_hosts", "environment"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn http_app_needs_everything_that_the_spin_manifest_grants() -> Result<()> {
    let manifest = spin("http-app")?;
    let component = &manifest["component"]["http-app"];
    let environment = component["environment"].as_table().context("there is an environment")?;
    let environment = environment.iter().map(|(name, value)| Ok((name.clone(), text(value)?.to_owned())));
    let hosts = list(&manifest, &component["allowed_outbound_hosts"])?;
    check_app(&hosts, environment.collect::<Result<_>>()?).await
}

#[test]
fn the_spin_manifests_of_http_auth_run_what_their_readmes_compose() -> Result<()> {
    for example in ["http-auth-secret", "http-auth-blobs"] {
        let manifest = spin(example)?;
        let component = &manifest["component"][example];
        let source = text(&component["source"])?.trim_start_matches("../../");
        let readme = std::fs::read_to_string(folder(example).join("README.md"))?;
        assert!(readme.contains(&format!("--plug target/auth.wasm -o {source}\n")), "{source}");
        assert_eq!(manifest["trigger"]["http"][0]["component"].as_str(), Some(example));
        let hosts = list(&manifest, &component["allowed_outbound_hosts"])?;
        let address = component["environment"].as_table().context("there is an environment")?;
        let address = address.values().filter_map(|it| it.as_str()).find(|it| it.starts_with("https://"));
        let service =
            address.context("the service is named")?.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        assert_eq!(hosts, [service, "http://169.254.169.254".to_owned()]);
    }
    Ok(())
}

#[test]
fn the_wasmcloud_manifests_grant_the_endpoint_and_the_identity_to_the_provider_only() -> Result<()> {
    for (example, generation, keeps_the_cache) in
        [("http-app", "0.2", false), ("http-auth-secret", "0.3", true), ("http-auth-blobs", "0.3", true)]
    {
        let mut workload = wasmcloud(example)?;
        assert_eq!(workload["kind"], "WorkloadDeployment");
        assert_eq!(workload["apiVersion"], "runtime.wasmcloud.dev/v1alpha1");
        let (app, provider) = (component(&mut workload, 0).clone(), component(&mut workload, 1).clone());
        assert_eq!((&app["name"], &provider["name"]), (&example.into(), &"azure-identity".into()));
        assert!(!app.to_string().contains("169.254.169.254"), "{app}");
        let version = interface(generation, "token-credential")?;
        let version = version.rsplit_once('@').context("it has a version")?.1;
        assert_eq!(provider["image"], format!("registry.example/azure-identity:{version}"));
        // wasmCloud keeps instances of components with async functions only, and starts others beside a busy one.
        let pool = (&provider["poolSize"], &provider["maxConcurrency"]);
        assert_eq!(pool.0 == 1 && pool.1 == 64, keeps_the_cache, "{example}: {pool:?}");
        let resources = provider["localResources"].as_object().context("the provider has resources")?;
        assert_eq!(resources.keys().collect::<Vec<_>>(), ["allowedHosts", "environment"]);
        assert_eq!(resources["allowedHosts"], serde_json::json!(["http://169.254.169.254"]));
    }
    let mut workload = wasmcloud("http-app")?;
    assert_eq!(component(&mut workload, 0)["localResources"], serde_json::json!({ "allowedHosts": [] }));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn http_app_needs_everything_that_the_wasmcloud_manifest_grants() -> Result<()> {
    let mut workload = wasmcloud("http-app")?;
    let resources = component(&mut workload, 1)["localResources"].clone();
    let hosts: Vec<String> = serde_json::from_value(resources["allowedHosts"].clone())?;
    check_app(&hosts, serde_json::from_value(resources["environment"]["config"].clone())?).await
}

/// Asserts that the app gets a token with these hosts and variables, and that each host is called.
async fn check_app(hosts: &[String], variables: BTreeMap<String, String>) -> Result<()> {
    let hosts: BTreeSet<String> = hosts.iter().cloned().collect();
    let clock = Clock::simulated();
    let allowlist = Arc::new(Allowlist::new(Azure::new(clock.clone(), Settings::default()), &hosts));
    let mut environment = TestEnvironment::new(clock, Arc::clone(&allowlist) as Arc<dyn Network>);
    environment.env = variables;
    environment.files = None;
    let response = App::with_provider(env!("HTTP_APP_WASM"))?.handle(environment, "/").await?;
    let body = String::from_utf8_lossy(response.body()).into_owned();
    assert!(response.status() == 200 && body.starts_with("managed-identity/imds, until "), "{body}");
    assert_eq!(allowlist.used(), hosts);
    Ok(())
}
