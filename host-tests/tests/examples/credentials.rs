//! `credentials`: each function that the pages of docs/credentials/ quote creates a credential.

use anyhow::{Result, ensure};
use azure_simulator::Azure;
use azure_simulator::jwt;
use azure_simulator::settings::{
    CLIENT_ID, CLIENT_SECRET, PASSWORD, PUBLIC_CLIENT_ID, Settings, TENANT_ID, USER_OID, USERNAME,
};
use host_tests::app::App;
use host_tests::case::signed::Signed;
use host_tests::clock::{Clock, EPOCH};
use host_tests::environment::TestEnvironment;
use std::sync::Arc;

#[tokio::test(start_paused = true)]
async fn credentials_gets_a_token_of_each_kind() -> Result<()> {
    for (kind, client, source) in [
        ("client-secret", CLIENT_ID, "client-secret"),
        ("client-certificate", CLIENT_ID, "client-certificate"),
        ("environment", CLIENT_ID, "environment/client-secret"),
        ("workload-identity", CLIENT_ID, "workload-identity"),
        ("managed-identity", CLIENT_ID, "managed-identity/imds"),
        ("chain", CLIENT_ID, "managed-identity/imds"),
        ("azure-pipelines", CLIENT_ID, "azure-pipelines"),
        ("on-behalf-of", CLIENT_ID, "on-behalf-of"),
        ("username-password", PUBLIC_CLIENT_ID, "username-password"),
    ] {
        let mut environment = environment(kind, client);
        if kind == "chain" || kind == "managed-identity" {
            // It would select workload identity, which stands in for managed identity on AKS.
            environment.env.remove("AZURE_FEDERATED_TOKEN_FILE");
        }
        let (success, screen) = app()?.run(environment).await?;
        ensure!(success && screen.trim() == source, "{kind}: {screen}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_is_not_configured_says_so_under_its_name() -> Result<()> {
    for (kind, beginning) in [
        ("client-assertion", "client-assertion: "),
        ("azure-cli", "azure-cli: none of AZURE_CONFIG_DIR, HOME and USERPROFILE is set"),
        ("azure-developer-cli", "azure-developer-cli: "),
        ("shared-token-cache", "shared-token-cache: none of HOME"),
        ("authorization-code", "authorization-code: redirect-uri must be an absolute URI"),
        ("device-code", "device-code: "),
    ] {
        let (success, screen) = app()?.run(environment(kind, "not/an/id")).await?;
        ensure!(!success, "{kind}: {screen}");
        let is_named = screen.starts_with(beginning)
            || screen.starts_with(&format!("{kind}: client-id must be a client id"));
        ensure!(is_named, "{kind}: {screen}");
    }
    Ok(())
}

fn app() -> Result<App> {
    App::with_provider(env!("CREDENTIALS_WASM"))
}

/// Everything that any kind needs.
fn environment(kind: &str, client: &str) -> TestEnvironment {
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), Settings::default());
    let mut environment = TestEnvironment::new(clock, Arc::new(azure));
    environment.arguments = vec![kind.to_owned()];
    let file = "/var/run/secrets/azure/tokens/azure-identity-token";
    let users_token = jwt::sign(&serde_json::json!({
        "aud": CLIENT_ID, "oid": USER_OID, "idtyp": "user", "exp": EPOCH + 3600,
    }));
    environment.env = [
        ("TENANT", TENANT_ID),
        ("CLIENT", client),
        ("SECRET", CLIENT_SECRET),
        ("CERTIFICATE", include_str!("../../fixtures/certificates/pkcs8.pem")),
        ("IDENTITY", "11112222-bbbb-3333-cccc-4444dddd5555"),
        ("CONNECTION", "88889999-dddd-0000-eeee-1111ffff2222"),
        ("SYSTEM_ACCESSTOKEN", "s3cr3t-system-access-token"),
        ("USERNAME", USERNAME),
        ("PASSWORD", PASSWORD),
        ("USERS_TOKEN", &users_token),
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ("AZURE_FEDERATED_TOKEN_FILE", file),
        (
            "SYSTEM_OIDCREQUESTURI",
            "https://dev.azure.com/contoso/shop/_apis/distributedtask/hubs/build/plans/p1/jobs/j1/oidctoken",
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    environment.files = Some([(file.to_owned(), Signed::default().content().into_bytes())].into());
    environment
}
