//! `docs/hosts.md` and its manifests: they grant the provider what it needs, and nothing else.

use anyhow::{Context, Result, ensure};
use azure_simulator::{Azure, Settings};
use components::{ALL, Target};
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use host_tests::guest::Guest;
use host_tests::network::Network;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wit_parser::Resolve;

#[path = "hosts/allowlist.rs"]
mod allowlist;
#[path = "hosts/recipe.rs"]
mod recipe;
#[path = "hosts/serve.rs"]
mod serve;

use allowlist::Allowlist;
use recipe::Recipe;

#[test]
fn the_spin_manifest_passes_hosts_and_environment_to_the_provider() -> Result<()> {
    let manifest = spin()?;
    let component = &manifest["component"]["http-app"];
    assert_eq!(manifest["spin_manifest_version"].as_integer(), Some(2));
    assert_eq!(manifest["trigger"]["http"][0]["component"].as_str(), Some("http-app"));
    assert_eq!(built("http-app")?, example("http-app").join(text(&component["source"])?));
    let dependencies = component["dependencies"].as_table().context("there are dependencies")?;
    let interface = interface("token-credential")?;
    assert_eq!(dependencies.keys().collect::<Vec<_>>(), [&interface]);
    let provider = dependencies[&interface].as_table().context("a dependency is a table")?;
    // Spin ignores unknown keys and names, so no other may be present.
    assert_eq!(provider.keys().collect::<Vec<_>>(), ["inherit_configuration", "path"]);
    assert_eq!(built("azure-identity")?, example("http-app").join(text(&provider["path"])?));
    assert_eq!(list(&provider["inherit_configuration"])?, ["allowed_outbound_hosts", "environment"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn http_app_needs_everything_that_the_spin_manifest_grants() -> Result<()> {
    let manifest = spin()?;
    let component = &manifest["component"]["http-app"];
    let environment = component["environment"].as_table().context("there is an environment")?;
    let environment = environment.iter().map(|(name, value)| Ok((name.clone(), text(value)?.to_owned())));
    check_app(&list(&component["allowed_outbound_hosts"])?, environment.collect::<Result<_>>()?).await
}

#[test]
fn the_wasmcloud_manifest_grants_hosts_and_environment_to_the_provider_only() -> Result<()> {
    let workload = wasmcloud()?;
    assert_eq!(workload["kind"], "WorkloadDeployment");
    assert_eq!(workload["apiVersion"], "runtime.wasmcloud.dev/v1alpha1");
    let (app, provider) = wasmcloud_components(&workload)?;
    assert_eq!(app["localResources"], serde_json::json!({ "allowedHosts": [] }));
    let version = interface("token-credential")?;
    let version = version.rsplit_once('@').context("it has a version")?.1;
    assert_eq!(provider["image"], format!("registry.example/azure-identity:{version}"));
    assert_eq!(provider["poolSize"], 1, "without a pool the cache is empty at every call");
    let resources = provider["localResources"].as_object().context("the provider has resources")?;
    assert_eq!(resources.keys().collect::<Vec<_>>(), ["allowedHosts", "environment"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn http_app_needs_everything_that_the_wasmcloud_manifest_grants() -> Result<()> {
    let workload = wasmcloud()?;
    let (_, provider) = wasmcloud_components(&workload)?;
    let resources = &provider["localResources"];
    let hosts: Vec<String> = serde_json::from_value(resources["allowedHosts"].clone())?;
    check_app(&hosts, serde_json::from_value(resources["environment"]["config"].clone())?).await
}

#[tokio::test(start_paused = true)]
async fn every_recipe_is_sufficient_and_minimal() -> Result<()> {
    for recipe in Recipe::all(&fs::read_to_string(workspace().join("docs/hosts.md"))?)? {
        let (source, used) = outcome(&recipe).await?;
        assert_eq!(used, recipe.hosts, "{}: the hosts that it calls", recipe.name);
        let expected = recipe.source();
        assert!(
            source.as_deref().is_ok_and(|source| source.starts_with(expected)),
            "{}: {source:?}",
            recipe.name
        );
        for (missing, reduced) in recipe.without_each() {
            let (source, _) = outcome(&reduced).await?;
            assert!(source.is_err(), "{} does not need {missing}: {source:?}", recipe.name);
        }
    }
    Ok(())
}

/// The source of the token or the error, and the hosts that were called.
async fn outcome(recipe: &Recipe) -> Result<(Result<String, String>, BTreeSet<String>)> {
    let clock = Clock::simulated();
    let settings: Settings = toml::from_str(recipe::AZURE)?;
    let allowlist = Arc::new(Allowlist::new(Azure::new(clock.clone(), settings), &recipe.hosts));
    let mut environment = TestEnvironment::new(clock, allowlist.clone());
    environment.env = recipe.environment();
    environment.files = None;
    let folders = recipe.folders()?;
    environment.folders =
        folders.iter().map(|(name, folder)| (folder.path().to_owned(), name.clone())).collect();
    let outcome = Guest::start(environment).await?.get_token(&recipe.build_request()).await?;
    Ok((outcome.map(|token| token.source).map_err(|error| error.message), allowlist.used()))
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

fn spin() -> Result<toml::Table> {
    Ok(fs::read_to_string(example("http-app").join("spin.toml"))?.parse()?)
}

fn wasmcloud() -> Result<serde_json::Value> {
    Ok(serde_yaml_ng::from_str(&fs::read_to_string(example("http-app").join("wasmcloud.yaml"))?)?)
}

/// The app and the provider.
fn wasmcloud_components(workload: &serde_json::Value) -> Result<(&serde_json::Value, &serde_json::Value)> {
    let components = workload["spec"]["template"]["spec"]["components"].as_array();
    let [app, provider] = components.context("there are components")?.as_slice() else {
        anyhow::bail!("there are not two components");
    };
    assert_eq!((&app["name"], &provider["name"]), (&"http-app".into(), &"azure-identity".into()));
    Ok((app, provider))
}

/// The output path of `cargo components`, relative to the example's folder.
fn built(name: &str) -> Result<PathBuf> {
    let component = ALL.iter().find(|it| it.name == name).context("there is no such component")?;
    let folder = if component.target == Target::Bare { "components" } else { "examples" };
    Ok(example("http-app").join(format!("../../target/{folder}/{name}.wasm")))
}

/// The name of an interface with its version.
fn interface(name: &str) -> Result<String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(workspace().join("wit/0.2"))?;
    ensure!(resolve.packages[package].interfaces.contains_key(name), "there is no interface {name}");
    Ok(resolve.packages[package].name.interface_id(name))
}

fn text(value: &toml::Value) -> Result<&str> {
    value.as_str().context("a string is expected")
}

fn list(value: &toml::Value) -> Result<Vec<String>> {
    let values = value.as_array().context("a list is expected")?;
    values.iter().map(|value| Ok(text(value)?.to_owned())).collect()
}

fn example(name: &str) -> PathBuf {
    workspace().join("examples").join(name)
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
