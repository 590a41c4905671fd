//! The manifests of typescript-app: they grant what it needs, and nothing else; that of wasmCloud runs in `wash host`.

use crate::manifest_files::{component, folder, interface, list, spin, text, wasmcloud};
use anyhow::{Context, Result, ensure};
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Settings, Simulator};
use host_tests::guest::PROVIDER;
use host_tests::wash_host::WashHost;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const EXAMPLE: &str = "typescript-app";
const IMDS: &str = "http://169.254.169.254";
const VAULT: &str = "https://contoso.vault.azure.net";

#[test]
fn the_spin_manifest_takes_the_provider_from_the_package_and_passes_it_hosts_and_environment() -> Result<()> {
    let manifest = spin(EXAMPLE)?;
    let app = &manifest["component"][EXAMPLE];
    assert_eq!(manifest["trigger"]["http"][0]["component"].as_str(), Some(EXAMPLE));
    assert_eq!(list(&manifest, &app["allowed_outbound_hosts"])?, [IMDS, VAULT]);
    let dependencies = app["dependencies"].as_table().context("there are dependencies")?;
    let interface = interface("0.2", "token-credential")?;
    assert_eq!(dependencies.keys().collect::<Vec<_>>(), [&interface]);
    let provider = &dependencies[&interface];
    assert_eq!(text(&provider["path"])?, "node_modules/azure-identity-guest/azure-identity.wasm");
    let inherited = list(&manifest, &provider["inherit_configuration"])?;
    assert_eq!(inherited, ["allowed_outbound_hosts", "environment"]);
    // The forms of the README are TOML, with the same interface and the same permissions.
    let readme = fs::read_to_string(folder(EXAMPLE).join("README.md"))?;
    let forms: Vec<_> = readme.lines().filter(|line| line.trim_start().starts_with('"')).collect();
    assert_eq!(forms.len(), 2, "from a registry, and by an address");
    for form in forms {
        let form: toml::Table = form.trim().parse()?;
        assert_eq!(list(&form, &form[&interface]["inherit_configuration"])?, inherited);
    }
    Ok(())
}

#[test]
fn the_manifest_for_kubernetes_gives_the_app_an_identity_of_its_own() -> Result<()> {
    let text = fs::read_to_string(folder(EXAMPLE).join("kubernetes.yaml"))?;
    let documents = serde_yaml_ng::Deserializer::from_str(&text).map(Value::deserialize);
    let [account, app, policy] = &documents.collect::<Result<Vec<_>, _>>()?[..] else { panic!("three") };
    assert_eq!(
        (&account["kind"], &app["kind"], &policy["kind"]),
        (&json!("ServiceAccount"), &json!("SpinApp"), &json!("NetworkPolicy"))
    );
    assert_eq!(account["automountServiceAccountToken"], false);
    assert_eq!(app["spec"]["serviceAccountName"], account["metadata"]["name"]);
    assert_eq!(app["spec"]["podLabels"], json!({ "azure.workload.identity/use": "true" }));
    let outgoing = &policy["spec"]["egress"][0]["to"][0]["ipBlock"];
    assert_eq!(outgoing["except"], json!(["169.254.169.254/32"]), "the identity of the node is out of reach");
    Ok(())
}

/// Runs the manifest of wasmCloud with a built app, and reads the secret through it.
pub fn reads_a_secret_on_wasmcloud(app: &Path) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(on_wasmcloud(app))
}

async fn on_wasmcloud(app: &Path) -> Result<()> {
    let Some(host) = WashHost::start().await? else { return Ok(()) };
    host.push(EXAMPLE, &fs::read(app)?)?;
    host.push("azure-identity", &fs::read(PROVIDER)?)?;
    let (machine, vault) = (Simulator::start(Settings::default())?, Simulator::start(Settings::default())?);
    let mut manifest = wasmcloud(EXAMPLE)?;
    let app = &mut component(&mut manifest, 0)["localResources"];
    assert_eq!(app["allowedHosts"], json!([VAULT]), "the app does not reach the endpoint of the identity");
    let service = format!("http://{}", vault.address());
    *app = json!({ "allowedHosts": [service], "environment": { "config": { "KEY_VAULT_URL": service } } });
    let provider = &mut component(&mut manifest, 1)["localResources"];
    assert_eq!(provider["allowedHosts"], json!([IMDS]));
    let imds = format!("http://{}", machine.address());
    provider["allowedHosts"] = json!([imds]);
    provider["environment"]["config"]["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = imds.into();
    host.run(&manifest, &json!({})).await?;
    for _ in 0..2 {
        let response = host.get("typescript-app.localhost", "/secret")?;
        ensure!(response.trim_end().ends_with(VAULT_SECRET), "{response}");
    }
    assert_eq!(machine.log().matches(" imds GET ").count(), 2, "{}", machine.log());
    Ok(())
}
