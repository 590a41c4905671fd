//! The examples, composed with the provider and run.

use anyhow::Result;
use azure_identity_component::sources::DEFAULT;
use azure_simulator::Azure;
use azure_simulator::settings::{ManagedHosts, Presence, Settings};
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use std::sync::Arc;

#[path = "examples/azurite.rs"]
mod azurite;
#[path = "examples/blob_storage.rs"]
mod blob_storage;
#[cfg(unix)]
#[path = "examples/browser.rs"]
mod browser;
#[cfg(unix)]
#[path = "examples/command_line.rs"]
mod command_line;
#[cfg(unix)]
#[path = "examples/credential_lines.rs"]
mod credential_lines;
#[path = "examples/credentials.rs"]
mod credentials;
#[path = "examples/guest_crate.rs"]
mod guest_crate;
#[path = "examples/keyvault_app.rs"]
mod keyvault_app;
#[cfg(unix)]
#[path = "examples/quick_start_rust.rs"]
mod quick_start_rust;
#[path = "examples/rust_sdk.rs"]
mod rust_sdk;
#[path = "examples/simulated_host.rs"]
mod simulated_host;
#[path = "examples/slow_upload.rs"]
mod slow_upload;
#[path = "../../examples/test-your-app/tests/app.rs"]
mod test_your_app;

/// The variables that App Service sets for a program with a managed identity.
fn app_service() -> [(String, String); 2] {
    let header = ManagedHosts::default().header;
    let endpoint = "http://127.0.0.1:41741/msi/token".to_owned();
    [("IDENTITY_ENDPOINT".to_owned(), endpoint), ("IDENTITY_HEADER".to_owned(), header)]
}

/// A simulated VM, with or without a metadata service.
fn machine(imds: Presence) -> TestEnvironment {
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), Settings { imds, ..Settings::default() });
    TestEnvironment::new(clock, Arc::new(azure))
}

#[tokio::test(start_paused = true)]
async fn http_app_reports_its_identity() -> Result<()> {
    let app = App::with_provider(env!("HTTP_APP_WASM"))?;
    let response = app.handle(machine(Presence::Azure), "/").await?;
    assert_eq!(
        (response.status(), &response.body()[..]),
        (http::StatusCode::OK, &b"managed-identity/imds, until 1800086400"[..])
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn http_app_reports_why_it_has_no_identity() -> Result<()> {
    let app = App::with_provider(env!("HTTP_APP_WASM"))?;
    let response = app.handle(machine(Presence::Refused), "/").await?;
    let body = String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!(response.status(), 503);
    assert!(body.starts_with("default: no credential is available here; tried: environment: "), "{body}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn doctor_calls_every_source_and_describes_the_identity() -> Result<()> {
    let app = App::with_provider(env!("DOCTOR_WASM"))?;
    let (success, screen) = app.run(machine(Presence::Azure)).await?;
    assert!(success, "{screen}");
    let listed: Vec<_> = screen.lines().skip(1).map_while(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, DEFAULT.iter().map(|source| source.name).collect::<Vec<_>>(), "{screen}");
    for part in [
        "returns a token  reached    as managed-identity/imds",
        "\naud                  https://vault.azure.net\n",
    ] {
        assert!(screen.contains(part), "{part:?} is not in:\n{screen}");
    }
    assert!(!screen.contains("eyJ"), "the output contains the token:\n{screen}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn doctor_reports_requests_that_the_host_denies() -> Result<()> {
    let app = App::with_provider(env!("DOCTOR_WASM"))?;
    let (success, screen) = app.run(machine(Presence::Denied)).await?;
    assert!(!success && screen.contains("managed-identity     not configured   denied"), "{screen}");
    Ok(())
}

#[path = "examples/login.rs"]
mod login;

#[tokio::test]
async fn composing_components_that_do_not_fit_is_an_error() {
    let error =
        App::with_provider(host_tests::guest::PROVIDER).err().expect("a provider imports no provider");
    assert_eq!(
        error.to_string(),
        "the socket component had no matching imports for the plugs that were provided"
    );
}
