//! How tools match the names of interfaces: wac and wasmtime by semver, Spin exactly.

use crate::composition::Composition;
use crate::guests::in_rust;
use crate::later::{LATER, TODAY};
use anyhow::{Context, Result};
use host_tests::bindings::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use host_tests::engine::{engine, linker, store};
use host_tests::environment::TestEnvironment;
use host_tests::package_version::{FROZEN, with_version};
use std::fs;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};
use wasmtime::component::Component;

/// A host in wasmtime that offers one version of the interface, and an app that imports another.
#[tokio::test]
async fn wasmtime_matches_compatible_versions_in_both_directions() -> Result<()> {
    let caller = fs::read(env!("CALLER_WASM"))?;
    let later = with_version(caller.clone(), FROZEN, "0.2.0", "0.2.1")?;
    for (app, offered) in [(caller.clone(), "0.2.1"), (later.clone(), "0.2.0")] {
        assert_eq!(ask_a_host(app, offered).await?, Err("of the host".to_owned()));
    }
    for (app, offered) in [(caller, "0.3.0"), (later, "0.1.0")] {
        let refused = ask_a_host(app, offered).await.err().context("another generation does not match")?;
        assert!(format!("{refused:#}").contains("a matching implementation was not found"), "{refused:#}");
    }
    Ok(())
}

async fn ask_a_host(app: Vec<u8>, offered: &str) -> Result<Result<u64, String>> {
    let mut linker = linker()?;
    let mut interface = linker.instance(&format!("azure:identity/token-credential@{offered}"))?;
    interface.func_wrap("get-token", |_, (_,): (TokenRequest,)| Ok((Err::<AccessToken, _>(error()),)))?;
    let (state, _disk, _output) = TestEnvironment::real().into_state()?;
    let mut store = store(state);
    let instance = linker.instantiate_async(&mut store, &Component::from_binary(engine(), &app)?).await?;
    let ask = instance.get_typed_func::<(u32, Vec<String>), (Result<u64, String>,)>(&mut store, "ask")?;
    Ok(ask.call_async(&mut store, (1, vec!["scope".to_owned()])).await?.0)
}

fn error() -> CredentialError {
    CredentialError {
        kind: ErrorKind::Other,
        message: "of the host".to_owned(),
        claims: None,
        response: None,
        attempts: Vec::new(),
        details: Vec::new(),
    }
}

/// Spin looks for an export with exactly the name of the import, unless the dependency's `export` names another one.
#[tokio::test(start_paused = true)]
async fn spin_needs_the_name_of_an_export_of_another_version() -> Result<()> {
    let app = in_rust("app_of_today")?;
    let import = &format!("azure:identity-credentials/credentials@{TODAY}");
    let missing = as_spin(&app, &[(TOKEN_CREDENTIAL, None), (import, None)]).err().context("it composes")?;
    assert_eq!(missing.to_string(), format!("the provider does not export {import}"));
    let later = &format!("azure:identity-credentials/credentials@{LATER}");
    let composed = as_spin(&app, &[(TOKEN_CREDENTIAL, None), (import, Some(later))])?;
    let outcome =
        Composition::compiled(&composed)?.ask(&["client-secret", "tenant", "client", "right"]).await?;
    assert_eq!(outcome, "token of client-secret");
    Ok(())
}

/// The app over the later provider, composed as Spin does (`crates/compose`): the dependencies of the manifest are names of
/// imports, and each may have an `export`.
fn as_spin(app: &[u8], dependencies: &[(&str, Option<&str>)]) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let app = Package::from_bytes("app", None, app.to_vec(), graph.types_mut())?;
    let app = graph.register_package(app)?;
    let app = graph.instantiate(app);
    for (number, (import, export)) in dependencies.iter().enumerate() {
        let name = format!("dependency{number}");
        let provider = Package::from_bytes(&name, None, in_rust("provider_of_later")?, graph.types_mut())?;
        let provider = graph.register_package(provider)?;
        let provider = graph.instantiate(provider);
        let export = graph.alias_instance_export(provider, export.unwrap_or(import));
        let export = export.ok().with_context(|| format!("the provider does not export {import}"))?;
        graph.set_instantiation_argument(app, import, export)?;
    }
    let ask = graph.alias_instance_export(app, "ask")?;
    graph.export(ask, "ask")?;
    Ok(graph.encode(EncodeOptions::default())?)
}

const TOKEN_CREDENTIAL: &str = "azure:identity/token-credential@0.2.0";
