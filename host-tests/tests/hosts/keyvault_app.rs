//! The manifests of `keyvault-app` grant what it and the provider need, each to the one that needs it.

use crate::allowlist::Allowlist;
use crate::manifest_files::{built, component, folder, interface, list, spin, text, wasmcloud};
use anyhow::{Context, Result};
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Azure, Settings};
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use host_tests::network::Network;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const APP: &str = "keyvault-app";

#[tokio::test(start_paused = true)]
async fn keyvault_app_needs_everything_that_the_spin_manifest_grants() -> Result<()> {
    let manifest = spin(APP)?;
    let component = &manifest["component"][APP];
    assert_eq!(built(APP, APP)?, folder(APP).join(text(&component["source"])?));
    let provider = &component["dependencies"][&interface("0.2", "token-credential")?];
    assert_eq!(built(APP, "azure-identity")?, folder(APP).join(text(&provider["path"])?));
    let inherited = list(&manifest, &provider["inherit_configuration"])?;
    assert_eq!(inherited, ["allowed_outbound_hosts", "environment"]);
    let environment = component["environment"].as_table().context("there is an environment")?;
    let environment = environment.iter().map(|(name, value)| Ok((name.clone(), text(value)?.to_owned())));
    let hosts = list(&manifest, &component["allowed_outbound_hosts"])?;
    check(&hosts, environment.collect::<Result<_>>()?).await
}

#[tokio::test(start_paused = true)]
async fn on_wasmcloud_the_app_reaches_the_vault_and_the_provider_the_identity() -> Result<()> {
    let mut workload = wasmcloud(APP)?;
    let [app, provider] = [0, 1].map(|number| component(&mut workload, number)["localResources"].clone());
    assert_eq!(app["allowedHosts"], json!(["https://contoso.vault.azure.net"]));
    assert_eq!(provider["allowedHosts"], json!(["http://169.254.169.254"]));
    let (mut hosts, mut variables) = (Vec::new(), BTreeMap::new());
    for resources in [app, provider] {
        hosts.extend(serde_json::from_value::<Vec<String>>(resources["allowedHosts"].clone())?);
        variables
            .extend(serde_json::from_value::<BTreeMap<_, _>>(resources["environment"]["config"].clone())?);
    }
    check(&hosts, variables).await
}

/// Asserts that the app reads the secret with these hosts and variables, and that each host is called.
async fn check(hosts: &[String], variables: BTreeMap<String, String>) -> Result<()> {
    let hosts: BTreeSet<String> = hosts.iter().cloned().collect();
    let clock = Clock::simulated();
    let allowlist = Arc::new(Allowlist::new(Azure::new(clock.clone(), Settings::default()), &hosts));
    let mut environment = TestEnvironment::new(clock, Arc::clone(&allowlist) as Arc<dyn Network>);
    environment.env = variables;
    environment.files = None;
    let response = App::with_provider(env!("KEYVAULT_APP_WASM"))?.handle(environment, "/").await?;
    let body = String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!((response.status().as_u16(), body.as_str()), (200, VAULT_SECRET));
    assert_eq!(allowlist.used(), hosts);
    Ok(())
}
