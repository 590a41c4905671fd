//! An app and its credential provider in a simulated Azure: what happens when a day passes and the metadata service fails.

use azure_simulator::Settings;
use azure_simulator::wasmtime_host::SimulatedHost;
use std::error::Error;
use std::time::Duration;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};
use wasmtime::Engine;
use wasmtime::component::Component;

#[tokio::test(start_paused = true)]
async fn the_app_works_for_a_day_without_the_metadata_service() -> Result<(), Box<dyn Error>> {
    let host = SimulatedHost::new(Settings::default());
    let app = Component::from_binary(&Engine::default(), &composed()?)?;
    let mut app = host.start_http_app(&app, &mut host.wasi()).await?;

    assert_eq!(app.get("/").await?.status(), 200);
    let [request] = &host.requests()[..] else { panic!("one request takes the token") };
    assert_eq!(request.service_name(), "imds");
    assert_eq!(request.token.as_ref().map(|claims| &claims["aud"]), Some(&"https://vault.azure.net".into()));

    // The token lives for 24 hours, and its renewal fails.
    host.azure().inject("imds=500".parse()?);
    host.clock().advance(Duration::from_secs(23 * 3600)).await;
    assert_eq!(app.get("/").await?.status(), 200);
    host.clock().advance(Duration::from_secs(3600)).await;
    let failed = app.get("/").await?;
    assert_eq!(failed.status(), 503);
    assert!(String::from_utf8_lossy(failed.body()).contains("managed-identity"));

    // The service recovers, and so does the app.
    host.azure().end_faults();
    host.clock().advance(Duration::from_secs(60)).await;
    assert_eq!(app.get("/").await?.status(), 200);
    assert_eq!(host.azure().unexpected(), Vec::<String>::new());
    Ok(())
}

/// The app with the provider in it, as `wac plug app.wasm --plug azure-identity.wasm` composes them.
fn composed() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut graph = CompositionGraph::new();
    let app = Package::from_file("app", None, env!("HTTP_APP_WASM"), graph.types_mut())?;
    let provider = Package::from_file("provider", None, env!("AZURE_IDENTITY_WASM"), graph.types_mut())?;
    let (app, provider) = (graph.register_package(app)?, graph.register_package(provider)?);
    wac_graph::plug(&mut graph, vec![provider], app)?;
    Ok(graph.encode(EncodeOptions::default())?)
}
