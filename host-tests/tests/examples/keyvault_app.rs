//! `keyvault-app`: a secret from Key Vault with a managed identity.

use anyhow::Result;
use azure_simulator::settings::VAULT_SECRET;
use azure_simulator::{Azure, Settings};
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use std::sync::Arc;

use crate::app_service;

/// The response of the app with these settings of the simulated Azure, and the requests that Azure received.
async fn get(toml: &str, path: &str) -> Result<(u16, String, Vec<String>)> {
    let app = App::with_provider(env!("KEYVAULT_APP_WASM"))?;
    let azure = Azure::new(Clock::simulated(), toml::from_str::<Settings>(toml)?);
    let mut environment = TestEnvironment::new(Clock::simulated(), Arc::new(azure.clone()));
    environment.env.extend(app_service());
    environment.env.insert("KEY_VAULT_URL".into(), "https://contoso.vault.azure.net/".into());
    let response = app.handle(environment, path).await?;
    assert_eq!(azure.unexpected(), Vec::<String>::new());
    let requests =
        azure.journal().iter().map(|entry| format!("{} {}", entry.service_name(), entry.note)).collect();
    Ok((response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned(), requests))
}

#[tokio::test(start_paused = true)]
async fn it_reads_the_secret_with_two_requests() -> Result<()> {
    let (status, body, requests) = get("", "/").await?;
    assert_eq!((status, body.as_str()), (200, VAULT_SECRET));
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(requests[0].starts_with("app-service token for https://vault.azure.net as "), "{requests:?}");
    assert!(requests[1].starts_with("key-vault secret greeting for "), "{requests:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn ping_needs_no_identity() -> Result<()> {
    assert_eq!(get("", "/ping").await?, (200, "pong".to_owned(), Vec::new()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_identity_without_permission_is_an_error_of_the_vault() -> Result<()> {
    let (status, body, _) = get("key-vaults = [ { name = 'contoso', readers = [] } ]", "/").await?;
    assert_eq!(status, 503);
    assert!(body.starts_with("https://contoso.vault.azure.net responded with 403: "), "{body}");
    assert!(body.contains("does not have secrets get permission on key vault"), "{body}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_missing_secret_is_an_error_of_the_vault() -> Result<()> {
    let (status, body, _) = get("key-vaults = [ { name = 'contoso' } ]", "/").await?;
    assert_eq!(status, 503);
    assert!(body.contains("responded with 404: \"A secret with (name/id) greeting was not found"), "{body}");
    Ok(())
}
