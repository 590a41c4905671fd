//! Wrong compositions and hosts fail early, with messages that the page on troubleshooting explains.

use anyhow::{Context, Result};
use azure_simulator::Azure;
use azure_simulator::settings::FaultSettings;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, Presence, Settings, TENANT_ID};
use host_tests::app::{App, plug};
use host_tests::clock::Clock;
use host_tests::engine::{engine, linker};
use host_tests::environment::{State, TestEnvironment};
use host_tests::guest::PROVIDER;
use host_tests::package_version::{FROZEN, with_version};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tempfile::NamedTempFile;
use wasmtime::component::{Component, Linker};

const HTTP_APP: &str = env!("HTTP_APP_WASM");
const DOCTOR: &str = env!("DOCTOR_WASM");

/// Asserts that the message `seen` matches `symptom`, and that the table of docs/troubleshooting.md explains the symptom. `…` matches any
/// text; backticks are ignored, because a table cannot show them.
fn assert_explained(seen: &str, symptom: &str) -> Result<()> {
    let mut rest = seen.replace('`', "");
    for part in symptom.split('…') {
        rest = rest
            .split_once(part)
            .with_context(|| format!("{symptom:?} does not match:\n{seen}"))?
            .1
            .to_owned();
    }
    let page = include_str!("../../docs/troubleshooting.md");
    let (_, table) = page.split_once("<!-- tested: troubleshooting -->\n").context("no such table")?;
    let mut rows = table.lines().take_while(|line| line.starts_with('|')).skip(2);
    let is_listed = rows.any(|row| row.starts_with(&format!("| `{symptom}` |")));
    assert!(is_listed, "the table has no row `{symptom}`");
    Ok(())
}

/// The component, patched to another version of the frozen package.
fn made_for(version: &str, path: &str) -> Result<NamedTempFile> {
    let bytes = with_version(std::fs::read(path)?, FROZEN, "0.2.0", version)?;
    let mut file = NamedTempFile::new()?;
    file.write_all(&bytes)?;
    Ok(file)
}

fn refused_by_plug(app: &Path, provider: &Path) -> String {
    plug(app, provider).expect_err("the interfaces differ").to_string()
}

/// The error of instantiating a component with this linker.
fn refused_by_wasmtime(bytes: &[u8], linker: &Linker<State>) -> Result<String> {
    let component = Component::from_binary(engine(), bytes)?;
    let refused = linker.instantiate_pre(&component).err().context("wasmtime accepts it")?;
    Ok(format!("{refused:#}"))
}

fn machine(settings: Settings) -> TestEnvironment {
    let clock = Clock::simulated();
    TestEnvironment::new(clock.clone(), Arc::new(Azure::new(clock, settings)))
}

/// The response of the app without a token.
async fn app_error(environment: TestEnvironment) -> Result<String> {
    let response = App::with_provider(HTTP_APP)?.handle(environment, "/").await?;
    assert_eq!(response.status(), 503);
    Ok(String::from_utf8_lossy(response.body()).into_owned())
}

fn with_service_principal(mut environment: TestEnvironment) -> TestEnvironment {
    for (name, value) in [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
    ] {
        environment.env.insert(name.to_owned(), value.to_owned());
    }
    environment
}

#[test]
fn an_app_for_another_version_cannot_be_plugged() -> Result<()> {
    let symptom = "no matching imports for the plugs";
    for version in ["0.1.0", "0.3.0"] {
        let app = made_for(version, HTTP_APP)?;
        assert_explained(&refused_by_plug(app.path(), PROVIDER.as_ref()), symptom)?;
        let provider = made_for(version, PROVIDER)?;
        assert_explained(&refused_by_plug(HTTP_APP.as_ref(), provider.path()), symptom)?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_app_for_a_later_compatible_version_runs_with_this_provider() -> Result<()> {
    let app = made_for("0.2.7", HTTP_APP)?;
    let app = App::with_provider(app.path().to_str().context("a plain path")?)?;
    assert_eq!(app.handle(machine(Settings::default()), "/").await?.status(), 200);
    Ok(())
}

#[test]
fn an_app_for_another_version_does_not_start_either() -> Result<()> {
    let app = std::fs::read(made_for("0.1.0", HTTP_APP)?.path())?;
    let seen = refused_by_wasmtime(&app, &linker()?)?;
    assert!(seen.contains("azure:identity/token-credential@0.1.0"), "{seen}");
    assert_explained(
        &seen,
        "component imports instance azure:identity/…, but a matching implementation was not found",
    )
}

#[test]
fn an_app_without_a_provider_does_not_start() -> Result<()> {
    let seen = refused_by_wasmtime(&std::fs::read(HTTP_APP)?, &linker()?)?;
    assert_explained(
        &seen,
        "component imports instance azure:identity/…, but a matching implementation was not found",
    )
}

#[test]
fn a_provider_without_the_interface_that_the_app_imports_cannot_be_plugged() -> Result<()> {
    let seen = refused_by_plug(DOCTOR.as_ref(), env!("HOSTILE_PROVIDER_WASM").as_ref());
    assert_explained(&seen, "no matching imports for the plugs")
}

#[test]
fn a_host_without_outgoing_http_does_not_start_the_app() -> Result<()> {
    let mut linker = Linker::new(engine());
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    let composed = plug(DOCTOR.as_ref(), PROVIDER.as_ref())?;
    let seen = refused_by_wasmtime(&composed, &linker)?;
    assert_explained(
        &seen,
        "component imports instance wasi:http/…, but a matching implementation was not found",
    )
}

#[test]
fn a_host_for_http_alone_does_not_start_the_app() -> Result<()> {
    let mut linker = Linker::new(engine());
    wasmtime_wasi_http::p2::add_to_linker_async(&mut linker)?;
    let composed = plug(HTTP_APP.as_ref(), PROVIDER.as_ref())?;
    let seen = refused_by_wasmtime(&composed, &linker)?;
    assert_explained(
        &seen,
        "component imports instance wasi:cli/environment…, but a matching implementation was not found",
    )
}

#[tokio::test(start_paused = true)]
async fn a_host_that_denies_imds_is_the_reason_in_the_error() -> Result<()> {
    let seen = app_error(machine(Settings { imds: Presence::Denied, ..Settings::default() })).await?;
    assert_explained(&seen, "the host does not allow requests to that address")
}

#[tokio::test(start_paused = true)]
async fn a_host_that_denies_microsoft_entra_is_the_reason_in_the_error() -> Result<()> {
    let denied: FaultSettings = toml::from_str("service = 'entra'\nkind = 'denied'")?;
    let settings = Settings { faults: vec![denied], ..Settings::default() };
    let seen = app_error(with_service_principal(machine(settings))).await?;
    assert_explained(&seen, "the host does not allow requests to that address")
}

#[tokio::test(start_paused = true)]
async fn without_environment_variables_the_error_names_the_missing_ones() -> Result<()> {
    let seen = app_error(machine(Settings { imds: Presence::Refused, ..Settings::default() })).await?;
    assert_explained(&seen, "environment: AZURE_CLIENT_SECRET is not set")
}

#[tokio::test(start_paused = true)]
async fn without_a_preopened_directory_the_error_names_the_inaccessible_file() -> Result<()> {
    let mut environment = with_service_principal(machine(Settings::default()));
    environment.env.remove("AZURE_CLIENT_SECRET");
    let file = ("AZURE_FEDERATED_TOKEN_FILE".to_owned(), "/var/run/secrets/azure/tokens/token".to_owned());
    environment.env.extend([file]);
    environment.files = None;
    assert_explained(&app_error(environment).await?, "is in no folder that the host gives access to")
}
