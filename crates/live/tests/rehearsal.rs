//! The checks of the suite, with the simulated Azure: a suite that seldom runs must not fail by itself.

use anyhow::{Result, ensure};
use azure_simulator::Azure;
use azure_simulator::settings::{
    AZURE_CLI, CLIENT_ID, CLIENT_SECRET, Presence, REFRESH_TOKEN, Settings as Simulated, TENANT_ID, USERNAME,
};
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::environment::TestEnvironment;
use live::identity::Identity;
use live::observation::{Refusal, Tokens};
use live::settings::Settings;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

#[tokio::test(start_paused = true)]
async fn the_checks_of_tokens_pass_with_the_simulated_azure() -> Result<()> {
    let identities =
        [Identity::ClientSecret, Identity::Certificate, Identity::ManagedIdentity, Identity::AzureCli];
    for identity in identities {
        let settings = settings(identity)?;
        let tokens = Tokens::observe(environment(&settings), &settings).await?;
        assert_eq!(tokens, Tokens::expected(&settings), "{identity:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_check_of_a_wrong_secret_passes_with_the_simulated_azure() -> Result<()> {
    let settings = settings(Identity::WrongSecret)?;
    let refusal = Refusal::observe(environment(&settings), &settings).await?;
    assert_eq!(refusal, Refusal::expected());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_token_of_another_audience_is_noticed_and_not_printed() -> Result<()> {
    let asked = settings(Identity::ClientSecret)?;
    let tokens = Tokens::observe(environment(&asked), &asked).await?;
    let other = Settings { audience: "https://storage.azure.com".to_owned(), ..asked };
    let expected = Tokens::expected(&other);
    ensure!(tokens != expected, "the audience is not compared");
    let printed = format!("{tokens:?}{expected:?}");
    // A JWT begins with a base64url of `{"`.
    assert_eq!((printed.contains("eyJ"), printed.contains(CLIENT_SECRET)), (false, false));
    Ok(())
}

fn settings(identity: Identity) -> Result<Settings> {
    let variables = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ("AZURE_CLIENT_CERTIFICATE_PATH", "/certificates/client.pem"),
        ("AZURE_CONFIG_DIR", "/azure"),
        ("LIVE_MANAGED_IDENTITY", "system-assigned"),
    ];
    let variables: BTreeMap<_, _> = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Settings::parse(identity, &variables)
}

/// The simulated environment with the variables of the settings.
fn environment(settings: &Settings) -> TestEnvironment {
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), Simulated { imds: Presence::Azure, ..Simulated::default() });
    TestEnvironment {
        env: settings.env.clone(),
        files: Some(files()),
        edition: Edition::Wasi02,
        ..TestEnvironment::new(clock, Arc::new(azure))
    }
}

/// A certificate, and the files that `az login` writes for a user.
fn files() -> BTreeMap<String, Vec<u8>> {
    let (account, host) = (format!("uid-1234.{TENANT_ID}"), "login.microsoftonline.com");
    let profile = json!({"subscriptions": [{
        "id": "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", "name": "Contoso", "isDefault": true, "tenantId": TENANT_ID,
        "user": {"name": USERNAME, "type": "user"}, "environmentName": "AzureCloud",
    }]});
    let cache = json!({
        "Account": {"a": {"home_account_id": account, "environment": host, "username": USERNAME}},
        "RefreshToken": {"r": {
            "home_account_id": account, "environment": host, "client_id": AZURE_CLI, "family_id": "1",
            "secret": REFRESH_TOKEN,
        }},
    });
    let login = [("azureProfile.json", profile), ("msal_token_cache.json", cache)];
    let login = login.map(|(name, content)| (format!("/azure/{name}"), content.to_string().into_bytes()));
    login.into_iter().chain([("/certificates/client.pem".to_owned(), CERTIFICATE.to_vec())]).collect()
}

/// The certificate of the simulated app, with its key.
const CERTIFICATE: &[u8] = include_bytes!("../../../host-tests/fixtures/certificates/pkcs8.pem");
