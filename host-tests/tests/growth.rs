//! The interfaces grow without breakage: an app of today runs over a later provider, and an app of a later version that
//! uses no addition runs over today's provider. The compositions run; it is not only checked that they compose.
//!
//! `growth/later.rs` derives the later version from `wit/0.2`. It has one addition of each kind: an option (a setter of
//! `credential-builder`, and a key of a request), a kind of credential (a static function with a resource of its own), a
//! fact about a token and a detail of an error (keys). The later provider is a small component; today's is the project's.
//!
//! The same apps were built by hand in JavaScript (componentize-js 0.23.0) and in Python (componentize-py 0.25.1) in November
//! 2026, composed (wac 0.12.0) and run (wasmtime 48.0.2). Apps of today get tokens of a later provider. Later apps do not
//! start over today's: these tools import every function of the interfaces that the world names, used or not.
//! docs/compatibility.md says what follows for such apps.

use anyhow::{Context, Result};
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use composition::Composition;
use guests::{app_in_c, in_rust};
use host_tests::app::plug_all;
use host_tests::guest::PROVIDER;
use host_tests::package_version::{FROZEN, with_version};
use later::LATER;
use std::fs;

#[path = "growth/composition.rs"]
mod composition;
#[path = "growth/guests.rs"]
mod guests;
#[path = "growth/later.rs"]
mod later;
#[path = "growth/names.rs"]
mod names;

#[tokio::test(start_paused = true)]
async fn an_app_of_today_in_rust_runs_over_a_later_provider() -> Result<()> {
    runs_over_a_later_provider(in_rust("app_of_today")?).await
}

#[tokio::test(start_paused = true)]
async fn an_app_of_today_in_c_runs_over_a_later_provider() -> Result<()> {
    let Some(app) = app_in_c("today")? else { return Ok(()) };
    runs_over_a_later_provider(app).await
}

#[tokio::test(start_paused = true)]
async fn a_later_app_in_rust_without_additions_runs_over_todays_provider() -> Result<()> {
    runs_over_todays_provider(in_rust("app_of_later")?).await
}

#[tokio::test(start_paused = true)]
async fn a_later_app_in_c_without_additions_runs_over_todays_provider() -> Result<()> {
    let Some(app) = app_in_c("later")? else { return Ok(()) };
    runs_over_todays_provider(app).await
}

async fn runs_over_a_later_provider(app: Vec<u8>) -> Result<()> {
    let composition = Composition::of(app, vec![in_rust("provider_of_later")?])?;
    for (words, outcome) in [
        (&["token-credential"][..], "token of default"),
        (&["token-credential", "include-details", "true"], "token of default, device-id=7"),
        (
            &["client-secret", "tenant", "client", "right", "include-details", "true"],
            "token of client-secret, secret=right, authority=https://login.microsoftonline.com, device-id=7",
        ),
        (
            &["client-secret", "tenant", "client", "wrong"],
            "authentication-failed, client-request-id=1, troubleshooting-url=https://example.com/1",
        ),
    ] {
        assert_eq!(composition.ask(words).await?, outcome, "{words:?}");
    }
    Ok(())
}

async fn runs_over_todays_provider(app: Vec<u8>) -> Result<()> {
    let composition = Composition::of(app, vec![fs::read(PROVIDER)?])?;
    for (words, outcome) in [
        (&["token-credential"][..], "token of managed-identity/imds"),
        (&["client-secret", TENANT_ID, CLIENT_ID, CLIENT_SECRET], "token of client-secret"),
    ] {
        assert_eq!(composition.ask(words).await?, outcome, "{words:?}");
    }
    let with_details = composition.ask(&["token-credential", "include-details", "true"]).await?;
    assert!(with_details.contains(", from-cache=false"), "{with_details}");
    let refused = composition.ask(&["client-secret", TENANT_ID, CLIENT_ID, "wrong"]).await?;
    assert!(refused.starts_with("authentication-failed"), "{refused}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_later_app_uses_the_additions_of_a_later_provider() -> Result<()> {
    let app = in_rust("app_that_uses_the_additions")?;
    let composition = Composition::of(app, vec![in_rust("provider_of_later")?])?;
    let words =
        ["github-actions", "https://example.com", "/agent", "include-details", "true", "fmi-path", "/b"];
    let outcome = composition.ask(&words).await?;
    assert_eq!(outcome, "token of github-actions, fmi-path=/agent, fmi-path=/b, device-id=7");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn todays_provider_refuses_the_key_of_a_later_option() -> Result<()> {
    let composition = Composition::of(in_rust("app_of_later")?, vec![fs::read(PROVIDER)?])?;
    let outcome = composition.ask(&["token-credential", "fmi-path", "/agent"]).await?;
    assert!(outcome.starts_with("invalid-argument"), "{outcome}");
    Ok(())
}

#[test]
fn an_app_that_uses_a_later_function_does_not_compose_with_todays_provider() -> Result<()> {
    let app = in_rust("app_that_uses_the_additions")?;
    let refused = Composition::of(app, vec![fs::read(PROVIDER)?]).err().context("it composes")?;
    let name = format!("azure:identity-credentials/credentials@{LATER}");
    assert_eq!(refused.to_string(), format!("still imported after composing: [{name:?}]"));
    Ok(())
}

/// `relay` is middleware of today, which knows none of the keys.
#[tokio::test(start_paused = true)]
async fn later_keys_pass_through_middleware_of_today() -> Result<()> {
    let provider = in_rust("provider_of_later")?;
    let relay = plug_all(fs::read(env!("RELAY_WASM"))?, vec![provider.clone()])?;
    let over_relay = plug_all(in_rust("app_of_today")?, vec![relay])?;
    let composition = Composition::of(over_relay, vec![provider])?;
    let words = ["token-credential", "include-details", "true", "fmi-path", "/agent"];
    assert_eq!(composition.ask(&words).await?, "token of default, fmi-path=/agent, device-id=7");
    let refused = composition.ask(&["token-credential", "unknown", "1"]).await?;
    assert_eq!(refused, "invalid-argument, client-request-id=1, troubleshooting-url=https://example.com/1");
    Ok(())
}

/// A later version of the frozen package documents further keys; its types are the same.
#[tokio::test(start_paused = true)]
async fn versions_of_the_frozen_package_fit_in_both_directions() -> Result<()> {
    let provider = with_version(in_rust("provider_of_later")?, FROZEN, "0.2.0", "0.2.1")?;
    gets_a_token(in_rust("app_of_today")?, provider, "token of default").await?;
    let app = with_version(in_rust("app_of_later")?, FROZEN, "0.2.0", "0.2.1")?;
    gets_a_token(app, fs::read(PROVIDER)?, "token of managed-identity/imds").await
}

async fn gets_a_token(app: Vec<u8>, provider: Vec<u8>, outcome: &str) -> Result<()> {
    let composition = Composition::of(app, vec![provider])?;
    assert_eq!(composition.ask(&["token-credential"]).await?, outcome);
    Ok(())
}
