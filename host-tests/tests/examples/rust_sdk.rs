//! `rust-sdk`: the official SDK for Key Vault, over the adapter.

use anyhow::Result;
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Azure, Settings};
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use std::sync::Arc;
use std::time::Duration;

use crate::app_service;

/// The outcome of a request to the app.
struct Outcome {
    status: u16,
    body: String,
    /// The requests that Azure received: service and status.
    requests: Vec<String>,
    took: Duration,
}

/// Requests `/` from the app, with these settings of the simulated Azure.
async fn get(toml: &str) -> Result<Outcome> {
    let app = App::with_provider(env!("RUST_SDK_WASM"))?;
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), toml::from_str::<Settings>(toml)?);
    let mut environment = TestEnvironment::new(clock.clone(), Arc::new(azure.clone()));
    environment.env.extend(app_service());
    environment.env.insert("KEY_VAULT_URL".into(), "https://contoso.vault.azure.net".into());
    let response = app.handle(environment, "/").await?;
    assert_eq!(azure.unexpected(), Vec::<String>::new());
    let journal = azure.journal();
    let requests =
        journal.iter().map(|it| format!("{} {:?}", it.service_name(), it.status.unwrap_or(0))).collect();
    let body = String::from_utf8_lossy(response.body()).into_owned();
    let secrets: Vec<_> = azure.secrets().into_iter().filter(|(_, secret)| secret != VAULT_SECRET).collect();
    let leaks = host_tests::secrets::find(&secrets, &[("the response".to_owned(), body.clone())]);
    assert_eq!(leaks, Vec::<String>::new());
    Ok(Outcome { status: response.status().as_u16(), body, requests, took: clock.elapsed() })
}

#[tokio::test(start_paused = true)]
async fn the_challenge_of_the_vault_is_answered_with_a_token() -> Result<()> {
    let outcome = get("").await?;
    assert_eq!((outcome.status, outcome.body.as_str()), (200, VAULT_SECRET));
    assert_eq!(outcome.requests, ["key-vault 401", "app-service 200", "key-vault 200"]);
    assert_eq!(outcome.took, Duration::ZERO);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_busy_vault_is_retried_after_its_delay() -> Result<()> {
    let busy =
        "faults = [ { service = 'key-vault', status = 429, headers = { Retry-After = '7' }, times = 2 } ]";
    let outcome = get(busy).await?;
    assert_eq!((outcome.status, outcome.body.as_str()), (200, VAULT_SECRET));
    let expected = ["key-vault 429", "key-vault 429", "key-vault 401", "app-service 200", "key-vault 200"];
    assert_eq!(outcome.requests, expected);
    assert!((14..20).contains(&outcome.took.as_secs()), "it took {:?}", outcome.took);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_truncated_response_is_requested_again() -> Result<()> {
    let outcome =
        get("faults = [ { service = 'key-vault', kind = 'truncated', after = 1, times = 1, bytes = 20 } ]")
            .await?;
    assert_eq!((outcome.status, outcome.body.as_str()), (200, VAULT_SECRET));
    assert_eq!(outcome.requests.last().map(String::as_str), Some("key-vault 200"), "{:?}", outcome.requests);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_never_responds_is_a_timeout() -> Result<()> {
    for kind in ["hang", "connect-timeout", "hang-mid-body"] {
        let outcome =
            get(&format!("faults = [ {{ service = 'key-vault', kind = '{kind}', bytes = 20 }} ]")).await?;
        assert_eq!(outcome.status, 503, "{kind}: {}", outcome.body);
        assert!(outcome.took < Duration::from_secs(300), "{kind} took {:?}", outcome.took);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_host_that_denies_the_vault_is_the_reason_in_the_error() -> Result<()> {
    let outcome = get("faults = [ { service = 'key-vault', kind = 'denied' } ]").await?;
    assert_eq!(outcome.status, 503);
    assert!(outcome.body.contains("the host does not allow requests there"), "{}", outcome.body);
    assert_eq!((outcome.requests.len(), outcome.took), (1, Duration::ZERO));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_untrusted_vault_is_the_reason_in_the_error() -> Result<()> {
    let outcome = get("faults = [ { service = 'key-vault', kind = 'tls-error' } ]").await?;
    assert_eq!(outcome.status, 503);
    assert!(outcome.body.contains("the host does not trust the server"), "{}", outcome.body);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_message_of_the_provider_is_passed_on() -> Result<()> {
    let outcome = get("faults = [ { service = 'app-service', status = 400, body = '{}' } ]").await?;
    assert_eq!(outcome.status, 503);
    assert!(outcome.body.contains("managed-identity"), "{}", outcome.body);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_missing_secret_is_an_error_of_the_vault() -> Result<()> {
    let outcome = get("key-vaults = [ { name = 'contoso' } ]").await?;
    assert_eq!(outcome.status, 503);
    assert!(outcome.body.contains("A secret with (name/id) greeting was not found"), "{}", outcome.body);
    Ok(())
}
