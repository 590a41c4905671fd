//! The suite against the real Azure. `crates/live/README.md` has its variables.

use anyhow::Result;
use host_tests::edition::Edition;
use live::identity::Identity;
use live::observation::{Refusal, Tokens};
use live::settings::Settings;

#[tokio::test]
#[ignore = "needs the real Azure"]
async fn a_client_secret_gets_a_token_which_is_then_cached() -> Result<()> {
    gets_a_token_which_is_then_cached(Identity::ClientSecret).await
}

#[tokio::test]
#[ignore = "needs the real Azure"]
async fn a_certificate_gets_a_token_which_is_then_cached() -> Result<()> {
    gets_a_token_which_is_then_cached(Identity::Certificate).await
}

#[tokio::test]
#[ignore = "needs the real Azure"]
async fn a_workload_identity_gets_a_token_which_is_then_cached() -> Result<()> {
    gets_a_token_which_is_then_cached(Identity::WorkloadIdentity).await
}

#[tokio::test]
#[ignore = "needs the real Azure"]
async fn a_managed_identity_gets_a_token_which_is_then_cached() -> Result<()> {
    gets_a_token_which_is_then_cached(Identity::ManagedIdentity).await
}

#[tokio::test]
#[ignore = "needs the real Azure"]
async fn the_login_of_the_azure_cli_gets_a_token_which_is_then_cached() -> Result<()> {
    gets_a_token_which_is_then_cached(Identity::AzureCli).await
}

#[tokio::test]
#[ignore = "needs the real Azure"]
async fn a_wrong_secret_is_refused_with_the_words_of_microsoft_entra() -> Result<()> {
    let Some(settings) = Settings::or_skip(Identity::WrongSecret)? else { return Ok(()) };
    for edition in Edition::WHOLE {
        let refusal = Refusal::observe(settings.environment(edition)?, &settings).await?;
        assert_eq!(refusal, Refusal::expected(), "edition {}", edition.name());
    }
    Ok(())
}

async fn gets_a_token_which_is_then_cached(identity: Identity) -> Result<()> {
    let Some(settings) = Settings::or_skip(identity)? else { return Ok(()) };
    for edition in Edition::WHOLE {
        let tokens = Tokens::observe(settings.environment(edition)?, &settings).await?;
        assert_eq!(tokens, Tokens::expected(&settings), "edition {}", edition.name());
    }
    Ok(())
}
