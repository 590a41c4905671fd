//! Warming up, invalidating, health and shutting down.

use crate::machine::{Machine, STORAGE, VAULT};
use anyhow::Result;
use azure_identity_wasmtime::{ErrorKind, TokenRequest};
use azure_simulator::Settings;
use azure_simulator::settings::{FaultSettings, ServiceName};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn warming_up_requests_all_tokens_at_once_and_returns_the_scopes_that_failed() -> Result<()> {
    let machine = Machine::start().await?;
    machine.delay("/metadata/", SECOND);
    let before = machine.clock.elapsed();
    let failed = machine.provider.warm_up([VAULT, STORAGE, "not a scope"]).await;
    assert_eq!(machine.clock.elapsed() - before, SECOND);
    let failed: Vec<_> = failed.iter().map(|(scope, error)| (scope.as_str(), error.kind)).collect();
    assert_eq!(failed, [("not a scope", ErrorKind::InvalidArgument)]);
    machine.token(VAULT).await;
    assert_eq!((machine.sent().len(), machine.provider.metrics().hits), (2, 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_invalidated_token_is_requested_anew_although_an_instance_has_it_in_its_cache() -> Result<()> {
    let machine = Machine::start().await?;
    let (vault, storage) = (machine.token(VAULT).await, machine.token(STORAGE).await);
    machine.clock.advance(SECOND).await;
    assert!(machine.provider.invalidate(&TokenRequest::new(VAULT)));
    assert_ne!(machine.token(VAULT).await, vault);
    assert_eq!(machine.token(STORAGE).await, storage, "other tokens stay cached");
    assert_eq!(machine.sent().len(), 3);
    assert!(!machine.provider.invalidate(&TokenRequest::new("api://another")));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_called_during_an_invalidation_is_replaced_after_its_call() -> Result<()> {
    let machine = Machine::start_with(Settings::default(), |builder| builder.pool_size(1)).await?;
    machine.delay("vault", SECOND);
    let invalidate = async {
        tokio::time::sleep(SECOND / 2).await;
        machine.provider.invalidate(&TokenRequest::new(VAULT));
    };
    let (old, ()) = tokio::join!(machine.token(VAULT), invalidate);
    machine.clock.advance(SECOND).await;
    assert_ne!(machine.token(VAULT).await, old);
    assert_eq!(machine.provider.metrics().instances_started, 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn health_shows_the_last_success_and_the_last_failure_of_each_token_and_source() -> Result<()> {
    let imds = ServiceName::try_from("imds".to_owned()).expect("the service is simulated");
    let fault =
        FaultSettings { service: Some(imds), status: Some(400), after: 1, ..FaultSettings::default() };
    let settings = Settings { faults: vec![fault], ..Settings::default() };
    let machine = Machine::start_with(settings, |builder| builder).await?;
    machine.token(VAULT).await;
    machine.ask(TokenRequest::new(STORAGE)).await.expect_err("IMDS responds with 400");
    let health = machine.provider.health();
    let tokens = health.tokens.iter().map(|token| (token.scopes[0].as_str(), token.is_failing()));
    assert_eq!(tokens.collect::<Vec<_>>(), [(STORAGE, true), (VAULT, false)]);
    let source = |name: &str| health.sources.iter().find(|source| source.source == name).expect(name);
    assert!(source("managed-identity/imds").last_success_on.is_some());
    let failed = source("managed-identity").last_failure.as_ref().expect("it failed");
    assert_eq!((failed.kind, failed.failed_on), (ErrorKind::NotConfigured, machine.clock.now()));
    let failure = health.tokens[0].last_failure.as_ref().expect("it failed");
    assert!(failure.message.contains("IMDS responded with 400"), "{}", failure.message);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_calls_in_flight_and_refuses_new_requests() -> Result<()> {
    let machine = Machine::start().await?;
    machine.token(STORAGE).await;
    machine.delay("vault", 5 * SECOND);
    let refused = async {
        tokio::time::sleep(SECOND).await;
        let error = machine.ask(TokenRequest::new(STORAGE)).await.expect_err("the provider is shut down");
        (error.kind, error.message)
    };
    let shutdown = async {
        tokio::time::sleep(SECOND / 2).await;
        machine.provider.shutdown(10 * SECOND).await
    };
    let (token, refused, cancelled) = tokio::join!(machine.ask(TokenRequest::new(VAULT)), refused, shutdown);
    let message = "azure-identity-wasmtime: the provider is shut down; the host is ending".to_owned();
    assert_eq!((token.is_ok(), refused, cancelled), (true, (ErrorKind::Transient, message), 0));
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.instances, metrics.cached, metrics.in_flight), (0, 0, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_cancels_calls_that_take_longer_than_it_may() -> Result<()> {
    let machine = Machine::start().await?;
    machine.delay("vault", 60 * SECOND);
    let shutdown = async {
        tokio::time::sleep(SECOND).await;
        machine.provider.shutdown(2 * SECOND).await
    };
    let before = machine.clock.elapsed();
    let (outcome, cancelled) = tokio::join!(machine.ask(TokenRequest::new(VAULT)), shutdown);
    assert_eq!((outcome.expect_err("it is cancelled").kind, cancelled), (ErrorKind::Transient, 1));
    assert_eq!(machine.clock.elapsed() - before, 3 * SECOND);
    assert_eq!(machine.provider.metrics().instances, 0);
    Ok(())
}
