//! `http-auth` over the middlewares: the app sends plain requests, and the layers below decide on the tokens.

use crate::composed::{STORAGE, VAULT, compiled};
use crate::scenario::{Scenario, audience, ok};
use crate::way::Way;
use anyhow::Result;
use bytes::Bytes;
use host_tests::app::over_http_auth_and;
use host_tests::async_app::ErrorCode;
use host_tests::edition::Edition;
use host_tests::network::Outcome;
use serde_json::Value;

in_each_edition! {
    #[tokio::test(start_paused = true)]
    an_app_over_http_auth_over_allow_scopes_reaches_the_services_of_listed_scopes_only,
    under_http_auth_the_log_has_the_scopes_of_the_rules,
    http_auth_sends_a_fake_bearer_token_and_nothing_else,
    a_request_is_not_sent_again_with_the_token_that_was_refused,
    the_tenant_of_a_challenge_is_not_kept_when_its_token_is_refused
}

async fn scenario(edition: Edition, below: &[&str], variables: &[(&str, &str)]) -> Result<Scenario> {
    scenario_of(edition, below, variables, ok).await
}

async fn scenario_of(
    edition: Edition,
    below: &[&str],
    variables: &[(&str, &str)],
    respond: fn() -> Outcome,
) -> Result<Scenario> {
    let key = format!("http-auth {}", below.join(" "));
    let app = compiled(key, || over_http_auth_and(env!("HTTP_CLIENT_WASM"), edition, below))?;
    Scenario::with_app(Way::Composed(edition), &app, &[&[RULES], variables].concat(), "", move |_| respond())
        .await
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

async fn a_request_is_not_sent_again_with_the_token_that_was_refused(edition: Edition) -> Result<()> {
    let answers = r#"[{"token": {"token": "the-same"}}]"#;
    let respond = || refused(r#"Bearer error="insufficient_claims", claims="e30=""#);
    let mut scenario =
        scenario_of(edition, &[edition.fake()], &[("AZURE_FAKE_ANSWERS", answers)], respond).await?;
    let response = scenario.send("GET", "https://one.example/a", &[]).await??;
    assert_eq!((response.status().as_u16(), tokens(&scenario)), (401, vec!["Bearer the-same".to_owned()]));
    Ok(())
}

async fn the_tenant_of_a_challenge_is_not_kept_when_its_token_is_refused(edition: Edition) -> Result<()> {
    let respond = || {
        refused(
            r#"Bearer authorization="https://login.microsoftonline.com/contoso.com", resource="https://vault.azure.net""#,
        )
    };
    let mut scenario = scenario_of(edition, &[edition.fake()], &[], respond).await?;
    for _ in 0..2 {
        let response = scenario.send("GET", "https://one.example/a", &[]).await??;
        // The first token is of the provider's own tenant, each time.
        let sent = ["Bearer fake-token-1", "Bearer fake-token-2"].map(str::to_owned);
        assert_eq!((response.status().as_u16(), tokens(&scenario)), (401, sent.to_vec()));
    }
    Ok(())
}

fn refused(challenge: &str) -> Outcome {
    let response = http::Response::builder().status(401).header("www-authenticate", challenge);
    Outcome::Response(response.body(Bytes::new()).expect("a response"))
}

/// The tokens of the requests that were sent, as their headers have them.
fn tokens(scenario: &Scenario) -> Vec<String> {
    let values = scenario.seen().into_iter().filter_map(|it| it.headers().get("authorization").cloned());
    values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
}

const RULES: (&str, &str) = (
    "AZURE_HTTP_AUTH_RULES",
    "https://one.example scope=https://vault.azure.net/.default; https://two.example scope=https://storage.azure.com/.default",
);
