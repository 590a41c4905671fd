//! `keyvault-app`: a secret from Key Vault with a managed identity.

use anyhow::Result;
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Azure, Settings};
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::surroundings::Surroundings;
use std::sync::Arc;

use crate::app_service;

/// What the app answers in an Azure that looks as `toml` says, and what Azure was asked.
async fn answer(toml: &str, path: &str) -> Result<(u16, String, Vec<String>)> {
    let app = App::with_provider(env!("KEYVAULT_APP_WASM"))?;
    let azure = Azure::new(Clock::simulated(), toml::from_str::<Settings>(toml)?);
    let mut surroundings = Surroundings::new(Clock::simulated(), Arc::new(azure.clone()));
    surroundings.env.extend(app_service());
    surroundings.env.insert("KEY_VAULT_URL".into(), "https://contoso.vault.azure.net/".into());
    let response = app.answer(surroundings, path).await?;
    assert_eq!(azure.unexpected(), Vec::<String>::new());
    let asked =
        azure.journal().iter().map(|entry| format!("{} {}", entry.service_name(), entry.note)).collect();
    Ok((response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned(), asked))
}

#[tokio::test(start_paused = true)]
async fn it_reads_the_secret_with_two_requests() -> Result<()> {
    let (status, body, asked) = answer("", "/").await?;
    assert_eq!((status, body.as_str()), (200, VAULT_SECRET));
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].starts_with("app-service token for https://vault.azure.net as "), "{asked:?}");
    assert!(asked[1].starts_with("key-vault secret greeting for "), "{asked:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn ping_needs_no_identity() -> Result<()> {
    assert_eq!(answer("", "/ping").await?, (200, "pong".to_owned(), Vec::new()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_says_who_may_not_read() -> Result<()> {
    let (status, body, _) = answer("key-vaults = [ { name = 'contoso', readers = [] } ]", "/").await?;
    assert_eq!(status, 503);
    assert!(body.starts_with("https://contoso.vault.azure.net answered 403: "), "{body}");
    assert!(body.contains("does not have secrets get permission on key vault"), "{body}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_says_that_there_is_no_such_secret() -> Result<()> {
    let (status, body, _) = answer("key-vaults = [ { name = 'contoso' } ]", "/").await?;
    assert_eq!(status, 503);
    assert!(body.contains("answered 404: \"A secret with (name/id) greeting was not found"), "{body}");
    Ok(())
}
