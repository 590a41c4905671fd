//! The number of requests, the cache, and which calls wait.

use crate::machine::{Machine, STORAGE, VAULT};
use anyhow::Result;
use azure_identity_wasmtime::{ErrorKind, TokenRequest};
use azure_simulator::Settings;
use azure_simulator::settings::DEFAULT_RESOURCES;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use azure_simulator::settings::{FaultSettings, ServiceName};
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_thousand_apps_that_request_one_token_share_one_request() -> Result<()> {
    let machine = Machine::start().await?;
    machine.delay("vault", SECOND);
    let tokens: BTreeSet<_> = join_all((0..1000).map(|_| machine.token(VAULT))).await.into_iter().collect();
    assert_eq!((tokens.len(), machine.sent().len()), (1, 1));
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.misses, metrics.merged, metrics.hits), (1, 999, 0));
    assert_eq!((metrics.calls, metrics.instances, metrics.cached, metrics.in_flight), (1, 1, 1, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_thousand_apps_that_request_ten_tokens_share_ten_requests() -> Result<()> {
    let machine = Machine::start().await?;
    machine.delay("/metadata/", SECOND);
    let scopes: Vec<_> =
        DEFAULT_RESOURCES.iter().take(10).map(|resource| format!("{resource}/.default")).collect();
    let tokens = join_all((0..1000).map(|i| machine.token(&scopes[i % 10]))).await;
    let tokens: BTreeSet<_> = tokens.into_iter().collect();
    assert_eq!((tokens.len(), machine.sent().len()), (10, 10));
    assert_eq!(machine.clock.elapsed().as_secs(), 3, "four of one tenant at once, on eight instances");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_apps_on_several_threads_share_one_request() -> Result<()> {
    let machine = Arc::new(Machine::start().await?);
    let apps = (0..1000).map(|_| {
        let machine = Arc::clone(&machine);
        tokio::spawn(async move { machine.token(VAULT).await })
    });
    let tokens: BTreeSet<_> = join_all(apps).await.into_iter().collect::<Result<_, _>>()?;
    assert_eq!((tokens.len(), machine.sent().len()), (1, 1));
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.misses, metrics.merged + metrics.hits), (1, 999));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_cached_token_does_not_wait_for_a_slow_request() -> Result<()> {
    let machine = Machine::start_with(Settings::default(), |builder| builder.pool_size(1)).await?;
    machine.token(VAULT).await;
    machine.delay("storage", 5 * SECOND);
    let before = machine.clock.elapsed();
    let slow = async {
        machine.token(STORAGE).await;
        machine.clock.elapsed() - before
    };
    let cached = async {
        tokio::time::sleep(SECOND).await;
        join_all((0..100).map(|_| machine.token(VAULT))).await;
        machine.clock.elapsed() - before
    };
    assert_eq!(tokio::join!(slow, cached), (5 * SECOND, SECOND));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_does_not_delay_another_key() -> Result<()> {
    let machine = Machine::start_with(Settings::default(), |builder| builder.pool_size(4)).await?;
    machine.delay("storage", 5 * SECOND);
    let slow = async {
        machine.token(STORAGE).await;
        machine.clock.elapsed()
    };
    let other = async {
        machine.token(VAULT).await;
        machine.clock.elapsed()
    };
    assert_eq!(tokio::join!(slow, other), (5 * SECOND, Duration::ZERO));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_cancel_the_shared_request() -> Result<()> {
    let machine = Machine::start().await?;
    machine.delay("vault", 5 * SECOND);
    let impatient = tokio::time::timeout(SECOND, machine.token(VAULT));
    let patient = async {
        tokio::task::yield_now().await;
        machine.token(VAULT).await
    };
    let (impatient, _) = tokio::join!(impatient, patient);
    assert!(impatient.is_err(), "the first caller gave up");
    assert_eq!((machine.sent().len(), machine.clock.elapsed()), (1, 5 * SECOND));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_response_of_an_abandoned_request_is_cached() -> Result<()> {
    let machine = Machine::start().await?;
    machine.delay("vault", 5 * SECOND);
    assert!(tokio::time::timeout(SECOND, machine.token(VAULT)).await.is_err());
    machine.clock.advance(5 * SECOND).await;
    machine.token(VAULT).await;
    assert_eq!((machine.sent().len(), machine.provider.metrics().hits), (1, 1));
    Ok(())
}

#[test]
fn a_request_whose_runtime_ends_is_repeated_by_a_waiting_caller() -> Result<()> {
    let ending = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let machine = Arc::new(ending.block_on(Machine::start())?);
    machine.delay("vault", 60 * SECOND);
    let caller = Arc::clone(&machine);
    ending.spawn(async move { caller.token(VAULT).await });
    while machine.sent().is_empty() {
        std::thread::yield_now();
    }
    let waiting = Arc::clone(&machine);
    let waiter = std::thread::spawn(move || {
        let lasting = tokio::runtime::Builder::new_current_thread().enable_all().build();
        lasting.expect("a runtime").block_on(waiting.token(VAULT))
    });
    while machine.provider.metrics().merged == 0 {
        std::thread::yield_now();
    }
    machine.delay("vault", Duration::ZERO);
    ending.shutdown_background();
    waiter.join().expect("it gets a token");
    assert_eq!((machine.sent().len(), machine.provider.metrics().instances), (2, 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_due_token_is_renewed_in_the_background_without_waiting() -> Result<()> {
    let machine = Machine::start().await?;
    let old = machine.token(VAULT).await;
    machine.clock.advance(43_200 * SECOND).await;
    machine.delay("vault", SECOND);
    let due = machine.clock.elapsed();
    let meanwhile: BTreeSet<_> = join_all((0..100).map(|_| machine.token(VAULT))).await.into_iter().collect();
    assert_eq!((meanwhile, machine.clock.elapsed()), (BTreeSet::from([old.clone()]), due));
    machine.clock.advance(2 * SECOND).await;
    assert_ne!(machine.token(VAULT).await, old);
    assert_eq!((machine.sent().len(), machine.provider.metrics().renewals), (2, 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_keeps_the_token_and_is_retried_after_thirty_seconds() -> Result<()> {
    let broken = FaultSettings { after: 1, times: Some(1), ..fault("imds", 500) };
    let settings = Settings { faults: vec![broken], ..Settings::default() };
    let machine = Machine::start_with(settings, |builder| builder).await?;
    let old = machine.token(VAULT).await;
    machine.clock.advance(43_200 * SECOND).await;
    for _ in 0..20 {
        assert_eq!(machine.token(VAULT).await, old);
        machine.clock.advance(SECOND).await;
    }
    assert_eq!(machine.sent().len(), 2, "the first one and one renewal");
    machine.clock.advance(15 * SECOND).await;
    machine.token(VAULT).await;
    machine.clock.advance(SECOND).await;
    assert_ne!(machine.token(VAULT).await, old);
    assert_eq!(machine.sent().len(), 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn claims_bypass_the_cache_and_the_new_token_replaces_the_cached_one() -> Result<()> {
    let machine = Machine::start_with(Settings::default(), |builder| {
        builder
            .env("AZURE_TENANT_ID", TENANT_ID)
            .env("AZURE_CLIENT_ID", CLIENT_ID)
            .env("AZURE_CLIENT_SECRET", CLIENT_SECRET)
    })
    .await?;
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1800000000"}}}"#.to_owned();
    let challenged = TokenRequest { claims: Some(claims), ..TokenRequest::new(VAULT) };
    let revoked = machine.token(VAULT).await;
    let outcomes = join_all((0..100).map(|_| machine.ask(challenged.clone()))).await;
    let tokens: BTreeSet<_> =
        outcomes.into_iter().map(|it| it.expect("a token").secret().to_owned()).collect();
    assert_eq!((tokens.len(), machine.sent().len()), (1, 2), "equal claims share one request");
    assert!(!tokens.contains(&revoked));
    assert_eq!(BTreeSet::from([machine.token(VAULT).await]), tokens);
    assert_eq!(machine.sent().len(), 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn tenants_scopes_and_continuous_access_evaluation_have_their_own_tokens() -> Result<()> {
    let machine = Machine::start().await?;
    let cae = TokenRequest { enable_cae: true, ..TokenRequest::new(VAULT) };
    let tenant = TokenRequest { tenant_id: Some(TENANT_ID.to_owned()), ..TokenRequest::new(VAULT) };
    let requests = [TokenRequest::new(VAULT), TokenRequest::new(STORAGE), cae, tenant];
    for request in requests.iter().chain(&requests) {
        machine.ask(request.clone()).await?;
    }
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.misses, metrics.hits, metrics.cached), (4, 4, 4));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_failure_reaches_all_waiting_callers_and_is_not_cached() -> Result<()> {
    let broken = FaultSettings { times: Some(1), ..fault("imds", 400) };
    let settings = Settings { faults: vec![broken], ..Settings::default() };
    let machine = Machine::start_with(settings, |builder| builder).await?;
    machine.delay("vault", SECOND);
    for failed in join_all((0..100).map(|_| machine.ask(TokenRequest::new(VAULT)))).await {
        assert_eq!(failed.expect_err("IMDS responds with 400").kind, ErrorKind::NotConfigured);
    }
    assert_eq!((machine.sent().len(), machine.provider.metrics().failures), (1, 1));
    machine.token(VAULT).await;
    assert_eq!(machine.sent().len(), 2);
    Ok(())
}

fn fault(service: &str, status: u16) -> FaultSettings {
    let service = ServiceName::try_from(service.to_owned()).expect("the service is simulated");
    FaultSettings { service: Some(service), status: Some(status), ..FaultSettings::default() }
}
