//! The manifests of python-app: they grant what it needs, and nothing else; that of wasmCloud runs in `wash host`.

use crate::manifest_files::{component, folder, interface, list, spin, text, wasmcloud};
use crate::python::built_app;
use anyhow::{Context, Result, ensure};
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Settings, Simulator};
use host_tests::edition::Edition;
use host_tests::external_tools;
use host_tests::wash_host::WashHost;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;

const EXAMPLE: &str = "python-app";
const IMDS: &str = "http://169.254.169.254";
const VAULT: &str = "https://contoso.vault.azure.net";

#[test]
fn the_manifest_for_spin_passes_hosts_and_environment_to_the_provider() -> Result<()> {
    let manifest = spin(EXAMPLE)?;
    let app = &manifest["component"][EXAMPLE];
    assert_eq!(manifest["trigger"]["http"][0]["component"].as_str(), Some(EXAMPLE));
    assert_eq!(text(&app["source"])?, "../../target/examples/python-app.wasm");
    assert_eq!(list(&manifest, &app["allowed_outbound_hosts"])?, [VAULT, IMDS]);
    let dependencies = app["dependencies"].as_table().context("there are dependencies")?;
    let interface = interface("0.3", "token-credential")?;
    assert_eq!(dependencies.keys().collect::<Vec<_>>(), [&interface]);
    let provider = &dependencies[&interface];
    assert_eq!(text(&provider["path"])?, "../../target/components/azure-identity-0.3.wasm");
    let inherited = list(&manifest, &provider["inherit_configuration"])?;
    assert_eq!(inherited, ["allowed_outbound_hosts", "environment"]);
    // The forms of the README are TOML, with the same interface and the same permissions.
    let readme = fs::read_to_string(folder(EXAMPLE).join("README.md"))?;
    let forms: Vec<_> = readme.split("```toml\n").skip(1).filter_map(|it| it.split("```").next()).collect();
    assert_eq!(forms.len(), 2, "from a registry, and by an address");
    for form in forms {
        let form: toml::Table = form.parse()?;
        let provider = &form["component"][EXAMPLE]["dependencies"][&interface];
        assert_eq!(list(&form, &provider["inherit_configuration"])?, inherited);
    }
    Ok(())
}

#[test]
fn the_manifest_for_kubernetes_grants_the_identity_and_no_more() -> Result<()> {
    let text = fs::read_to_string(folder(EXAMPLE).join("kubernetes.yaml"))?;
    let documents = serde_yaml_ng::Deserializer::from_str(&text).map(Value::deserialize);
    let [account, deployment] = &documents.collect::<Result<Vec<_>, _>>()?[..] else { panic!("two objects") };
    assert_eq!((&account["kind"], &deployment["kind"]), (&json!("ServiceAccount"), &json!("Deployment")));
    let template = &deployment["spec"]["template"];
    assert_eq!(template["metadata"]["labels"]["azure.workload.identity/use"], "true");
    let pod = &template["spec"];
    assert_eq!(pod["serviceAccountName"], account["metadata"]["name"]);
    assert_eq!(pod["automountServiceAccountToken"], false);
    let security = &pod["containers"][0]["securityContext"];
    assert_eq!(security["capabilities"], json!({ "drop": ["ALL"] }));
    for (name, value) in
        [("runAsNonRoot", true), ("readOnlyRootFilesystem", true), ("allowPrivilegeEscalation", false)]
    {
        assert_eq!(security[name], value, "{name}");
    }
    let args = pod["containers"][0]["args"].as_array().context("there are arguments")?;
    for variable in ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"] {
        assert!(
            args.contains(&json!(format!("--env={variable}"))),
            "{variable} does not reach the component"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wasmcloud_runs_python_app_with_one_token_request() -> Result<()> {
    let Some(_) = external_tools::python()? else { return Ok(()) };
    let Some(host) = WashHost::start().await? else { return Ok(()) };
    let app = tokio::task::spawn_blocking(built_app).await??;
    host.push(EXAMPLE, &fs::read(app.file("target/examples/python-app.wasm"))?)?;
    host.push("azure-identity", &fs::read(Edition::Wasi03.component())?)?;
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
    for _ in 0..5 {
        let response = host.get("python-app.localhost", "/")?;
        ensure!(response.ends_with(VAULT_SECRET), "{response}");
    }
    assert_eq!(machine.log().matches(" imds GET ").count(), 1, "{}", machine.log());
    Ok(())
}
