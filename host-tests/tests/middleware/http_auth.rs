//! `http-auth` over the middlewares: the app sends plain requests, and the layers below decide on the tokens.

use crate::composed::{STORAGE, VAULT, compiled};
use crate::scenario::{Scenario, audience, ok};
use anyhow::Result;
use host_tests::app::over_http_auth_and;
use host_tests::async_app::ErrorCode;
use host_tests::edition::Edition;
use serde_json::Value;

in_each_edition! {
    #[tokio::test(start_paused = true)]
    an_app_over_http_auth_over_allow_scopes_reaches_the_services_of_listed_scopes_only,
    under_http_auth_the_log_has_the_scopes_of_the_rules,
    http_auth_sends_a_fake_bearer_token_and_nothing_else
}

async fn scenario(edition: Edition, below: &[&str], variables: &[(&str, &str)]) -> Result<Scenario> {
    let key = format!("http-auth {}", below.join(" "));
    let app = compiled(key, || over_http_auth_and(env!("HTTP_CLIENT_WASM"), edition, below))?;
    Scenario::with_app(&app, &[&[RULES], variables].concat(), "", |_| ok()).await
}

async fn an_app_over_http_auth_over_allow_scopes_reaches_the_services_of_listed_scopes_only(
    edition: Edition,
) -> Result<()> {
    let below = [edition.allow_scopes(), edition.component()];
    let mut scenario = scenario(edition, &below, &[("AZURE_ALLOW_SCOPES", VAULT)]).await?;
    scenario.send("GET", "https://one.example/a", &[]).await??;
    let [request] = <[_; 1]>::try_from(scenario.seen()).expect("one request");
    assert_eq!(audience(&request)?.0, "https://vault.azure.net");
    let error =
        scenario.send("GET", "https://two.example/a", &[]).await?.expect_err("the scope is not listed");
    let message = "the scope https://storage.azure.com/.default is not allowed";
    assert!(matches!(&error, ErrorCode::InternalError(Some(it)) if it.contains(message)), "{error:?}");
    assert!(scenario.app.output().contains(message), "{}", scenario.app.output());
    assert_eq!((scenario.seen().len(), scenario.token_requests()), (0, 1));
    Ok(())
}

async fn under_http_auth_the_log_has_the_scopes_of_the_rules(edition: Edition) -> Result<()> {
    let below = [edition.log(), edition.allow_scopes(), edition.component()];
    let mut scenario = scenario(edition, &below, &[("AZURE_ALLOW_SCOPES", VAULT)]).await?;
    for host in ["one", "two"] {
        let _ = scenario.send("GET", &format!("https://{host}.example/a"), &[]).await?;
    }
    let output = scenario.app.output();
    let lines = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let logged: Vec<_> = lines.map(|line| (line["scopes"][0].clone(), line["outcome"].clone())).collect();
    let expected = [(VAULT, "token"), (STORAGE, "invalid-argument")];
    assert_eq!(logged, expected.map(|(scope, outcome)| (scope.into(), outcome.into())));
    scenario.assert_silent();
    Ok(())
}

async fn http_auth_sends_a_fake_bearer_token_and_nothing_else(edition: Edition) -> Result<()> {
    let sent = Some("Bearer fake-token-1".to_owned());
    for (answer, expected) in [
        (r#"{"token": {}}"#, sent),
        (r#"{"token": {"token-type": "pop"}}"#, None),
        (r#"{"error": {"kind": "authentication-failed"}}"#, None),
    ] {
        let answers = format!("[{answer}]");
        let mut scenario = scenario(edition, &[edition.fake()], &[("AZURE_FAKE_ANSWERS", &answers)]).await?;
        let response = scenario.send("GET", "https://one.example/a", &[]).await?;
        assert_eq!(response.is_ok(), expected.is_some(), "{answer}: {response:?}");
        let seen = scenario.seen();
        let header = seen.first().and_then(|request| request.headers().get("authorization")?.to_str().ok());
        assert_eq!((header.map(ToOwned::to_owned), scenario.token_requests()), (expected, 0), "{answer}");
    }
    Ok(())
}

const RULES: (&str, &str) = (
    "AZURE_HTTP_AUTH_RULES",
    "https://one.example scope=https://vault.azure.net/.default; https://two.example scope=https://storage.azure.com/.default",
);
