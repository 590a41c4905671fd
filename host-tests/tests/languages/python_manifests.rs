//! The manifests of python-app.

use crate::example_manifests::{ExampleManifests, Requests};
use crate::manifest_files::{spin, text};
use crate::python::built_app;
use anyhow::{Context, Result};
use host_tests::edition::Edition;
use host_tests::external_tools;
use serde_json::json;

const MANIFESTS: ExampleManifests = ExampleManifests {
    name: "python-app",
    generation: "0.3",
    provider: "../../target/components/azure-identity-0.3.wasm",
    path: "/",
};

#[test]
fn the_manifest_for_spin_passes_hosts_and_environment_to_the_provider() -> Result<()> {
    let source = &spin(MANIFESTS.name)?["component"][MANIFESTS.name]["source"];
    assert_eq!(text(source)?, "../../target/examples/python-app.wasm");
    MANIFESTS.spin_passes_hosts_and_environment()
}

#[test]
fn the_manifest_for_kubernetes_grants_the_identity_and_no_more() -> Result<()> {
    let documents = MANIFESTS.kubernetes()?;
    let [account, deployment] = documents.as_slice() else { panic!("two objects") };
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
    let app = tokio::task::spawn_blocking(built_app).await??;
    let requests = Requests { to_app: 5, for_tokens: 1 };
    let app = app.file("target/examples/python-app.wasm");
    MANIFESTS.reads_a_secret_on_wasmcloud(&app, Edition::Wasi03.component().as_ref(), &requests).await
}
