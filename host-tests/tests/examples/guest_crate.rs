//! The crate `azure-identity-guest` in apps of both generations of WASI.

use crate::machine;
use anyhow::Result;
use azure_simulator::Azure;
use azure_simulator::settings::{Presence, Settings};
use golden::expect;
use host_tests::app::{App, plug};
use host_tests::async_app::AsyncApp;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::engine;
use host_tests::environment::TestEnvironment;
use std::path::Path;
use std::sync::Arc;
use wasmtime::component::Component;

/// The app also has `wit_bindgen::generate!` of another version of `wit-bindgen`, for the same interface.
#[tokio::test(start_paused = true)]
async fn it_stands_beside_an_apps_own_bindings() -> Result<()> {
    let app = App::with_provider(env!("TWO_BINDINGS_WASM"))?;
    let (success, output) = app.run(machine(Presence::Azure)).await?;
    assert!(success, "{output}");
    expect![[r#"
        crate: managed-identity/imds, Some("false")
        no scope: invalid-argument []
        own: managed-identity/imds
        credentials: managed-identity/imds
    "#]]
    .assert_eq(&output);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_error_has_its_kind_and_the_attempts_of_the_chain() -> Result<()> {
    let app = App::with_provider(env!("TWO_BINDINGS_WASM"))?;
    let (_, output) = app.run(machine(Presence::Refused)).await?;
    let first = output.lines().next().unwrap_or_default();
    expect![[r#"crate: not-configured ["environment", "workload-identity", "managed-identity", "shared-token-cache", "azure-cli", "azure-developer-cli"]"#]].assert_eq(first);
    Ok(())
}

#[test]
fn what_an_app_does_not_call_is_not_imported() -> Result<()> {
    let app = Component::from_file(engine(), env!("TWO_BINDINGS_WASM"))?;
    let ty = app.component_type();
    let ours =
        ty.imports(engine()).map(|(name, _)| name.to_owned()).filter(|name| name.starts_with("azure:"));
    let expected = [
        "azure:identity/types@0.2.0",
        "azure:identity/token-credential@0.2.0",
        "azure:identity-credentials/credentials@0.2.0",
    ];
    assert_eq!(ours.collect::<Vec<_>>(), expected, "the app calls nothing of WASI 0.3");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn concurrent_calls_of_wasi_0_3_share_one_request() -> Result<()> {
    let composed = plug(Path::new(env!("GUEST_CRATE_0_3_WASM")), Path::new(Edition::Wasi03.component()))?;
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), Settings::default());
    let environment = TestEnvironment::new(clock, Arc::new(azure.clone()));
    let mut app = AsyncApp::start(&Component::from_binary(engine(), &composed)?, environment).await?;
    let response = app.get("/").await??;
    let body = String::from_utf8_lossy(response.body());
    assert_eq!(body, "managed-identity/imds, until 1800086400\n".repeat(10));
    assert_eq!(azure.journal().len(), 1, "{:?}", azure.journal());
    Ok(())
}
