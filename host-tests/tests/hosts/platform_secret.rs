//! A client secret from the platform's store, through `secret-environment`, on `wash host`: the manifest of its README.

use crate::manifest_files::{component, wasmcloud, workspace};
use anyhow::{Context, Result, ensure};
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID, VAULT_SECRET};
use azure_simulator::{Settings, Simulator};
use host_tests::app;
use host_tests::edition::Edition;
use host_tests::wash_host::WashHost;
use serde_json::{Value, json};
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn wasmcloud_gives_the_provider_of_each_edition_a_secret_of_the_platform() -> Result<()> {
    let Some(mut host) = WashHost::start().await? else { return Ok(()) };
    let entra = Simulator::start(Settings::default())?;
    let authority = format!("http://{}", entra.address());
    let secrets = json!({ "azure-identity": {
        "AZURE_TENANT_ID": TENANT_ID, "AZURE_CLIENT_ID": CLIENT_ID, "AZURE_CLIENT_SECRET": CLIENT_SECRET,
    } });

    host.push("http-app", &fs::read(env!("HTTP_APP_WASM"))?)?;
    host.push("azure-identity-with-secrets", &with_secrets(Edition::Wasi02)?)?;
    let mut manifest = readme()?;
    redirect(component(&mut manifest, 1), &authority);
    ensure!(!manifest.to_string().contains(CLIENT_SECRET), "the manifest holds the secret");
    host.run(&manifest, &secrets).await?;
    let response = host.get("app.example", "/")?;
    ensure!(response.contains("environment/client-secret, until "), "{response}\n{}", host.output());

    let vault = Simulator::start(Settings::default())?;
    let (manifest, app) = with_http_auth(&authority, &format!("http://{}", vault.address()))?;
    host.push("http-auth-secret", &app)?;
    host.push("azure-identity", &with_secrets(Edition::Wasi03)?)?;
    host.run(&manifest, &secrets).await?;
    let response = host.get("http-auth-secret.localhost", "/secret")?;
    ensure!(response.contains(VAULT_SECRET), "{response}\n{}", host.output());

    ensure!(!host.output().contains(CLIENT_SECRET), "the host's log holds the secret");
    Ok(())
}

/// The provider, composed with `secret-environment`.
fn with_secrets(edition: Edition) -> Result<Vec<u8>> {
    app::plug_all(fs::read(edition.component())?, vec![fs::read(env!("SECRET_ENVIRONMENT_WASM"))?])
}

/// The manifest of the middleware's README.
fn readme() -> Result<Value> {
    let readme = fs::read_to_string(workspace().join("middleware/secret-environment/README.md"))?;
    let manifest = readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    Ok(serde_yaml_ng::from_str(manifest.context("the README has a manifest")?)?)
}

/// The example with `http-auth` and the provider of WASI 0.3, with the README's interface of the store.
fn with_http_auth(authority: &str, vault: &str) -> Result<(Value, Vec<u8>)> {
    let mut manifest = wasmcloud("http-auth-secret")?;
    let store = readme()?["spec"]["template"]["spec"]["hostInterfaces"][1].clone();
    let interfaces = manifest["spec"]["template"]["spec"]["hostInterfaces"].as_array_mut();
    interfaces.context("there are interfaces")?.push(store);
    let resources = &mut component(&mut manifest, 0)["localResources"];
    resources["allowedHosts"] = json!([vault]);
    resources["environment"]["config"] = json!({
        "AZURE_HTTP_AUTH_RULES": format!("{vault} scope=https://vault.azure.net/.default"),
        "SECRET_URL": format!("{vault}/secrets/greeting?api-version=7.6"),
    });
    let provider = component(&mut manifest, 1);
    provider["localResources"]["environment"]["config"] = json!({});
    redirect(provider, authority);
    let app = app::plug_all(
        fs::read(env!("HTTP_AUTH_SECRET_WASM"))?,
        vec![fs::read(Edition::Wasi03.http_auth())?],
    )?;
    Ok((manifest, app))
}

/// Gives the provider the simulated authority in the place of the real one.
fn redirect(provider: &mut Value, authority: &str) {
    provider["localResources"]["allowedHosts"] = json!([authority]);
    provider["localResources"]["environment"]["config"]["AZURE_AUTHORITY_HOST"] = authority.into();
}
