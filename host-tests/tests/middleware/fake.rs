//! `fake`: the answers of its environment reach the app, through every layer.

use crate::composed::{Composed, VAULT, request};
use anyhow::{Context, Result};
use azure_identity_wasmtime::Provider;
use host_tests::bindings::{ErrorKind, TokenRequest};
use host_tests::edition::Edition;
use std::time::Duration;

in_each_edition! {
    #[tokio::test(start_paused = true)]
    without_a_variable_each_call_gets_a_fake_token,
    the_answers_follow_each_other_and_the_last_is_repeated,
    a_slow_answer_takes_its_time_and_the_log_tells,
    what_is_malformed_is_refused
}

async fn start(edition: Edition, answers: &str) -> Result<Composed> {
    Composed::start(edition, &[edition.fake()], &[("AZURE_FAKE_ANSWERS", answers)]).await
}

async fn without_a_variable_each_call_gets_a_fake_token(edition: Edition) -> Result<()> {
    let mut composed = Composed::start(edition, &[edition.fake()], &[]).await?;
    for name in ["fake-token-1", "fake-token-2"] {
        let token = composed.get_token(&request(VAULT)).await??;
        assert_eq!((token.token.as_str(), token.token_type.as_str()), (name, "Bearer"));
        assert_eq!((token.expires_on - composed.clock.now(), token.refresh_on), (3600, None));
        assert_eq!((token.source.as_str(), token.details.len(), composed.token_requests()), ("fake", 0, 0));
    }
    Ok(())
}

async fn the_answers_follow_each_other_and_the_last_is_repeated(edition: Edition) -> Result<()> {
    let answers = r#"[{"error": {"kind": "transient", "response": {"status": 429, "retry-after": 5}}},
                      {"error": {"kind": "authentication-failed", "claims": {"access_token": {}}}},
                      {"token": {"token": "ended", "token-type": "pop", "expires-in": -1, "details": {"a": "b"}}}]"#;
    let mut composed = start(edition, answers).await?;
    let error = composed.get_token(&request(VAULT)).await?.expect_err("the first answer");
    let retry_after = error.response.context("a response")?.retry_after;
    assert_eq!((error.kind, retry_after, error.claims), (ErrorKind::Transient, Some(5), None));
    let error = composed.get_token(&request(VAULT)).await?.expect_err("the second answer");
    let claims = error.claims.context("a challenge")?;
    assert_eq!((error.kind, claims.as_str()), (ErrorKind::AuthenticationFailed, r#"{"access_token":{}}"#));
    for option in ["true", "false"] {
        let options = vec![("include-details".to_owned(), option.to_owned())];
        let token = composed.get_token(&TokenRequest { options, ..request(VAULT) }).await??;
        assert_eq!((token.token.as_str(), token.token_type.as_str()), ("ended", "pop"));
        assert_eq!(token.expires_on, composed.clock.now() - 1);
        let details = if option == "true" { vec![("a".to_owned(), "b".to_owned())] } else { Vec::new() };
        assert_eq!(token.details, details);
    }
    Ok(())
}

async fn a_slow_answer_takes_its_time_and_the_log_tells(edition: Edition) -> Result<()> {
    let answers = r#"[{"token": {"delay-ms": 30000}}, {"error": {"kind": "transient", "delay-ms": 250}}]"#;
    let variables = [("AZURE_FAKE_ANSWERS", answers)];
    let mut composed = Composed::start(edition, &[edition.log(), edition.fake()], &variables).await?;
    for (milliseconds, outcome) in [(30_000, "token"), (250, "transient")] {
        let (began, logged) = (composed.clock.elapsed(), composed.guest.output());
        let _ = composed.get_token(&request(VAULT)).await?;
        assert_eq!(composed.clock.elapsed() - began, Duration::from_millis(milliseconds));
        let output = composed.guest.output();
        let line: serde_json::Value = serde_json::from_str(&output[logged.len()..])?;
        assert_eq!((&line["outcome"], &line["duration_ms"]), (&outcome.into(), &milliseconds.into()));
    }
    Ok(())
}

async fn what_is_malformed_is_refused(edition: Edition) -> Result<()> {
    for (answers, scope, message) in [
        (r#"[{"token": {}}]"#, "no scope", "fake: scopes of the request is malformed"),
        ("[]", VAULT, "fake: AZURE_FAKE_ANSWERS is malformed: the list is empty"),
    ] {
        let error = start(edition, answers).await?.get_token(&request(scope)).await?.expect_err(message);
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::InvalidArgument, message));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_delays_no_other_call_in_0_3() -> Result<()> {
    let answers = r#"[{"token": {"delay-ms": 1000}}, {"token": {}}]"#;
    let mut composed = start(Edition::Wasi03, answers).await?;
    let tokens = composed.guest.get_tokens([request(VAULT), request(VAULT), request(VAULT)]).await?;
    let tokens: Vec<_> =
        tokens.into_iter().map(|token| token.map(|it| it.token).unwrap_or_default()).collect();
    assert_eq!(tokens, ["fake-token-1", "fake-token-2", "fake-token-3"]);
    assert_eq!(composed.clock.elapsed(), Duration::from_secs(1));
    Ok(())
}

#[tokio::test]
async fn an_embedder_loads_it_like_a_provider() -> Result<()> {
    let builder =
        Provider::builder().env("AZURE_FAKE_ANSWERS", r#"[{"error": {"kind": "transient"}}, {"token": {}}]"#);
    let provider = builder.load_file(Edition::Wasi02.fake()).await?;
    let request = || azure_identity_wasmtime::TokenRequest::new(VAULT);
    let error = provider.get_token(request()).await.expect_err("the first answer");
    assert_eq!(error.message, "fake: call 1 fails, as AZURE_FAKE_ANSWERS says");
    assert_eq!(provider.get_token(request()).await?.secret(), "fake-token-2");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_situations_of_the_readme_are_well_formed() -> Result<()> {
    let readme = include_str!("../../../middleware/fake/README.md");
    let (_, block) = readme.split_once("```answers\n").context("a block of answers")?;
    let block = block.split("```").next().unwrap_or_default();
    let lists: Vec<_> = serde_json::Deserializer::from_str(block)
        .into_iter::<serde_json::Value>()
        .collect::<Result<_, _>>()?;
    assert_eq!(lists.len(), 5);
    for list in lists {
        let outcome = start(Edition::Wasi02, &list.to_string()).await?.get_token(&request(VAULT)).await?;
        assert!(!outcome.is_err_and(|error| error.kind == ErrorKind::InvalidArgument), "{list}");
    }
    Ok(())
}
