//! The manifests of typescript-app.

use crate::example_manifests::{ExampleManifests, Requests};
use anyhow::Result;
use host_tests::guest::PROVIDER;
use serde_json::json;
use std::path::Path;

const MANIFESTS: ExampleManifests = ExampleManifests {
    name: "typescript-app",
    generation: "0.2",
    provider: "node_modules/azure-identity-guest/azure-identity.wasm",
    path: "/secret",
};

#[test]
fn the_spin_manifest_takes_the_provider_from_the_package_and_passes_it_hosts_and_environment() -> Result<()> {
    MANIFESTS.spin_passes_hosts_and_environment()
}

#[test]
fn the_manifest_for_kubernetes_gives_the_app_an_identity_of_its_own() -> Result<()> {
    let documents = MANIFESTS.kubernetes()?;
    let [account, app, policy] = documents.as_slice() else { panic!("three") };
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

/// Runs the manifest of wasmCloud with a built app, and reads the secret through it. An instance, and its cache, is one request's.
pub fn reads_a_secret_on_wasmcloud(app: &Path) -> Result<()> {
    let requests = Requests { to_app: 2, for_tokens: 2 };
    let run = MANIFESTS.reads_a_secret_on_wasmcloud(app, PROVIDER.as_ref(), &requests);
    tokio::runtime::Runtime::new()?.block_on(run)
}
