//! The YAML of `docs/hosts/kubernetes.md`: what can be checked without a cluster, and the workload on `wash host`.

use crate::manifest_files::{block, component, workspace};
use crate::serve::get;
use anyhow::{Context, Result, ensure};
use azure_simulator::settings::{
    CLIENT_ID, CLUSTER_ISSUER, SERVICE_ACCOUNT, TENANT_ID, TOKEN_EXCHANGE_AUDIENCE,
};
use azure_simulator::{Settings, Simulator, jwt};
use host_tests::background_program::BackgroundProgram;
use host_tests::edition::Edition;
use host_tests::guest::PROVIDER;
use host_tests::wash_host::WashHost;
use host_tests::{app, external_tools};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

const PAGE: &str = "docs/hosts/kubernetes.md";
const TOKENS: &str = "/var/run/secrets/azure/tokens";

#[test]
fn the_spinapp_has_the_identity_of_its_service_account_and_no_metadata_service() -> Result<()> {
    let documents = documents("spinkube.yaml")?;
    let [account, app, policy] = documents.as_slice() else { panic!("three documents are expected") };
    assert_eq!((&account["kind"], &app["kind"]), (&"ServiceAccount".into(), &"SpinApp".into()));
    for document in &documents {
        assert_eq!(document["metadata"]["namespace"], account["metadata"]["namespace"]);
    }
    assert_eq!(app["spec"]["serviceAccountName"], account["metadata"]["name"]);
    // A label is a text, so `true` would be refused.
    assert_eq!(app["spec"]["podLabels"]["azure.workload.identity/use"], "true");
    let annotations = account["metadata"]["annotations"].as_object().context("annotations")?;
    assert_eq!(annotations.keys().collect::<Vec<_>>(), ["azure.workload.identity/client-id"]);
    assert_eq!(account["automountServiceAccountToken"], false);
    let egress = &policy["spec"]["egress"][0]["to"][0]["ipBlock"]["except"];
    assert_eq!((&policy["spec"]["podSelector"], egress), (&json!({}), &json!(["169.254.169.254/32"])));
    let subject = format!(
        "system:serviceaccount:{}:{}",
        text(&account["metadata"]["namespace"])?,
        text(&account["metadata"]["name"])?
    );
    let page = fs::read_to_string(workspace().join(PAGE))?.replace(" \\\n  ", " ");
    assert!(
        page.contains(&format!("--subject {subject} --audience {TOKEN_EXCHANGE_AUDIENCE}\n")),
        "{subject}"
    );
    Ok(())
}

#[test]
fn the_spin_manifest_gives_the_provider_the_variables_of_the_webhook_and_the_token() -> Result<()> {
    let manifest: toml::Table = block(PAGE, "spinkube spin.toml", "toml")?.parse()?;
    let app = &manifest["component"]["orders"];
    let given = app["variables"].as_table().context("variables")?;
    for name in ["azure_client_id", "azure_tenant_id", "azure_federated_token_file"] {
        assert_eq!(given[name].as_str(), Some(format!("{{{{ {name} }}}}").as_str()));
        assert_eq!(manifest["variables"][name]["required"].as_bool(), Some(true));
    }
    assert_eq!(given.len(), 3);
    let files = &app["files"][0];
    assert_eq!((files["source"].as_str(), files["destination"].as_str()), (Some(TOKENS), Some(TOKENS)));
    let provider = &app["dependencies"]["azure:identity/token-credential@0.2.0"];
    let inherited = vec!["allowed_outbound_hosts", "environment", "files", "variables"];
    assert_eq!(provider["inherit_configuration"], inherited.into());
    let allowed = app["allowed_outbound_hosts"].as_array().context("hosts")?;
    assert!(
        !allowed
            .iter()
            .any(|host| host.as_str().is_some_and(|host| host.contains('*') || host.contains("169.254")))
    );
    Ok(())
}

#[test]
fn the_pods_of_the_host_group_have_the_token_that_its_workload_mounts_and_no_other() -> Result<()> {
    let values = document("wasmcloud values.yaml")?;
    let group = &values["runtime"]["hostGroups"][0];
    let token = json!({ "audience": TOKEN_EXCHANGE_AUDIENCE, "expirationSeconds": 3600, "path": "azure-identity-token" });
    assert_eq!(group["volumes"][0]["projected"]["sources"], json!([{ "serviceAccountToken": token }]));
    assert_eq!(group["volumes"][0]["name"], group["volumeMounts"][0]["name"]);
    assert_eq!(group["volumeMounts"][0]["readOnly"], true);
    assert_eq!(values["runtime"]["automountServiceAccountToken"], false);
    let mut workload = document("wasmcloud workload.yaml")?;
    let spec = workload["spec"]["template"]["spec"].clone();
    assert_eq!(spec["hostSelector"]["hostgroup"], group["name"]);
    assert_eq!(workload["metadata"]["namespace"], group["namespace"]);
    assert_eq!(spec["volumes"][0]["hostPath"]["path"], group["volumeMounts"][0]["mountPath"]);
    assert_eq!(component(&mut workload, 0)["localResources"], json!({ "allowedHosts": [] }));
    let provider = component(&mut workload, 1)["localResources"].clone();
    let mount = &provider["volumeMounts"][0];
    assert_eq!((&mount["name"], &mount["readOnly"]), (&spec["volumes"][0]["name"], &true.into()));
    let file = format!("{}/{}", text(&mount["mountPath"])?, text(&token["path"])?);
    assert_eq!(provider["environment"]["config"]["AZURE_FEDERATED_TOKEN_FILE"], file);
    assert_eq!(provider["allowedHosts"], json!(["https://login.microsoftonline.com"]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workload_gets_tokens_by_workload_identity_on_wasmcloud() -> Result<()> {
    let Some(host) = WashHost::start().await? else { return Ok(()) };
    host.push("http-app", &fs::read(env!("HTTP_APP_WASM"))?)?;
    host.push("azure-identity", &fs::read(Edition::Wasi02.component())?)?;
    let entra = Simulator::start(Settings::default())?;
    let authority = format!("http://{}", entra.address());
    let folder = TempDir::new()?;
    fs::write(folder.path().join("azure-identity-token"), service_account_token()?)?;
    let mut workload = document("wasmcloud workload.yaml")?;
    workload["spec"]["template"]["spec"]["volumes"][0]["hostPath"]["path"] =
        folder.path().to_str().context("a plain path")?.into();
    let provider = &mut component(&mut workload, 1)["localResources"];
    provider["allowedHosts"] = json!([authority]);
    let variables = &mut provider["environment"]["config"];
    for (name, value) in [
        ("AZURE_AUTHORITY_HOST", authority.as_str()),
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
    ] {
        variables[name] = value.into();
    }
    host.run(&workload, &json!({})).await?;
    let response = host.get("orders.example", "/")?;
    ensure!(response.contains("workload-identity, until "), "{response}");
    Ok(())
}

#[test]
fn the_container_gets_tokens_by_workload_identity_with_the_command_of_its_manifest() -> Result<()> {
    let Some(wasmtime) = external_tools::wasmtime()? else { return Ok(()) };
    let documents = documents("container.yaml")?;
    let [account, deployment, service, policy] = documents.as_slice() else { panic!("four documents") };
    let kinds = [account, deployment, service, policy].map(|it| it["kind"].as_str().unwrap_or_default());
    assert_eq!(kinds, ["ServiceAccount", "Deployment", "Service", "NetworkPolicy"]);
    assert_eq!(policy["spec"]["egress"][0]["to"][0]["ipBlock"]["except"], json!(["169.254.169.254/32"]));
    let template = &deployment["spec"]["template"];
    assert_eq!(template["metadata"]["labels"]["azure.workload.identity/use"], "true");
    assert_eq!(service["spec"]["selector"], deployment["spec"]["selector"]["matchLabels"]);
    assert_eq!(template["spec"]["serviceAccountName"], account["metadata"]["name"]);
    let container = &template["spec"]["containers"][0];
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    let page = fs::read_to_string(workspace().join(PAGE))?;
    assert!(page.contains("\nCOPY orders.cwasm /orders.cwasm\n"), "the image has the file of the command");

    let (folder, entra) = (TempDir::new()?, Simulator::start(Settings::default())?);
    fs::write(folder.path().join("azure-identity-token"), service_account_token()?)?;
    let composed = folder.path().join("orders.wasm");
    fs::write(&composed, app::plug(env!("HTTP_APP_WASM").as_ref(), PROVIDER.as_ref())?)?;
    let [command, args] =
        ["command", "args"].map(|name| container[name].as_array().cloned().unwrap_or_default());
    let arguments = command.iter().skip(1).chain(&args).map(|argument| {
        let argument = text(argument)?;
        Ok(match argument {
            "0.0.0.0:8080" => "127.0.0.1:0".to_owned(),
            "/orders.cwasm" => composed.display().to_string(),
            _ => argument.replace("--dir=", &format!("--dir={}::", folder.path().display())),
        })
    });
    let mut server = Command::new(wasmtime);
    let mut arguments = arguments.collect::<Result<Vec<_>>>()?;
    arguments.insert(arguments.len() - 1, format!("--env=AZURE_AUTHORITY_HOST=http://{}", entra.address()));
    server.args(arguments).env("AZURE_CLIENT_ID", CLIENT_ID).env("AZURE_TENANT_ID", TENANT_ID);
    server.env("AZURE_FEDERATED_TOKEN_FILE", format!("{TOKENS}/azure-identity-token"));
    let mut server = BackgroundProgram::start(&mut server)?;
    let address = server.wait_for("http://")?;
    let response = get(address.trim_end_matches('/'))?;
    ensure!(response.contains("workload-identity, until "), "{response}\n{}", server.output());
    Ok(())
}

/// A token that Kubernetes would have signed now.
fn service_account_token() -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(jwt::sign(&json!({
        "aud": TOKEN_EXCHANGE_AUDIENCE,
        "exp": now + 3600,
        "iat": now,
        "iss": CLUSTER_ISSUER,
        "nbf": now,
        "sub": SERVICE_ACCOUNT,
    })))
}

fn document(name: &str) -> Result<Value> {
    documents(name)?.pop().context("there is a document")
}

fn documents(name: &str) -> Result<Vec<Value>> {
    let text = block(PAGE, name, "yaml")?;
    serde_yaml_ng::Deserializer::from_str(&text).map(|document| Ok(Value::deserialize(document)?)).collect()
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("a text is expected")
}
