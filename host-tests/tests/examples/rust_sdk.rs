//! `rust-sdk`: the official SDK for Key Vault, over the adapter.

use anyhow::Result;
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Azure, Settings};
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::surroundings::Surroundings;
use std::sync::Arc;
use std::time::Duration;

use crate::app_service;

/// What came of one request to the app.
struct Outcome {
    status: u16,
    body: String,
    /// Who was asked, and what it answered.
    asked: Vec<String>,
    took: Duration,
}

/// Lets the app answer `/` in an Azure that looks as `toml` says.
async fn answer(toml: &str) -> Result<Outcome> {
    let app = App::with_provider(env!("RUST_SDK_WASM"))?;
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), toml::from_str::<Settings>(toml)?);
    let mut surroundings = Surroundings::new(clock.clone(), Arc::new(azure.clone()));
    surroundings.env.extend(app_service());
    surroundings.env.insert("KEY_VAULT_URL".into(), "https://contoso.vault.azure.net".into());
    let response = app.answer(surroundings, "/").await?;
    assert_eq!(azure.unexpected(), Vec::<String>::new());
    let journal = azure.journal();
    let asked =
        journal.iter().map(|it| format!("{} {:?}", it.service_name(), it.status.unwrap_or(0))).collect();
    let body = String::from_utf8_lossy(response.body()).into_owned();
    let secrets: Vec<_> = azure.secrets().into_iter().filter(|(_, secret)| secret != VAULT_SECRET).collect();
    let leaks = host_tests::secrets::find(&secrets, &[("the answer".to_owned(), body.clone())]);
    assert_eq!(leaks, Vec::<String>::new());
    Ok(Outcome { status: response.status().as_u16(), body, asked, took: clock.elapsed() })
}

#[tokio::test(start_paused = true)]
async fn it_is_challenged_by_the_vault_and_brings_a_token() -> Result<()> {
    let outcome = answer("").await?;
    assert_eq!((outcome.status, outcome.body.as_str()), (200, VAULT_SECRET));
    assert_eq!(outcome.asked, ["key-vault 401", "app-service 200", "key-vault 200"]);
    assert_eq!(outcome.took, Duration::ZERO);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_waits_and_tries_again_when_the_vault_is_busy() -> Result<()> {
    let busy =
        "faults = [ { service = 'key-vault', status = 429, headers = { Retry-After = '7' }, times = 2 } ]";
    let outcome = answer(busy).await?;
    assert_eq!((outcome.status, outcome.body.as_str()), (200, VAULT_SECRET));
    let expected = ["key-vault 429", "key-vault 429", "key-vault 401", "app-service 200", "key-vault 200"];
    assert_eq!(outcome.asked, expected);
    assert!((14..20).contains(&outcome.took.as_secs()), "it took {:?}", outcome.took);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_off_is_asked_for_again() -> Result<()> {
    let outcome = answer(
        "faults = [ { service = 'key-vault', kind = 'truncated', after = 1, times = 1, bytes = 20 } ]",
    )
    .await?;
    assert_eq!((outcome.status, outcome.body.as_str()), (200, VAULT_SECRET));
    assert_eq!(outcome.asked.last().map(String::as_str), Some("key-vault 200"), "{:?}", outcome.asked);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_never_answers_is_given_up() -> Result<()> {
    for kind in ["hang", "connect-timeout", "hang-mid-body"] {
        let outcome =
            answer(&format!("faults = [ {{ service = 'key-vault', kind = '{kind}', bytes = 20 }} ]")).await?;
        assert_eq!(outcome.status, 503, "{kind}: {}", outcome.body);
        assert!(outcome.took < Duration::from_secs(300), "{kind} took {:?}", outcome.took);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_host_that_denies_the_vault_is_named_at_once() -> Result<()> {
    let outcome = answer("faults = [ { service = 'key-vault', kind = 'denied' } ]").await?;
    assert_eq!(outcome.status, 503);
    assert!(outcome.body.contains("the host does not allow requests there"), "{}", outcome.body);
    assert_eq!((outcome.asked.len(), outcome.took), (1, Duration::ZERO));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_the_host_does_not_trust_is_told_so() -> Result<()> {
    let outcome = answer("faults = [ { service = 'key-vault', kind = 'tls-error' } ]").await?;
    assert_eq!(outcome.status, 503);
    assert!(outcome.body.contains("the host does not trust the server"), "{}", outcome.body);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_providers_words_come_through() -> Result<()> {
    let outcome = answer("faults = [ { service = 'app-service', status = 400, body = '{}' } ]").await?;
    assert_eq!(outcome.status, 503);
    assert!(outcome.body.contains("managed-identity"), "{}", outcome.body);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_says_that_there_is_no_such_secret() -> Result<()> {
    let outcome = answer("key-vaults = [ { name = 'contoso' } ]").await?;
    assert_eq!(outcome.status, 503);
    assert!(outcome.body.contains("A secret with (name/id) greeting was not found"), "{}", outcome.body);
    Ok(())
}
