//! A misbehaving provider: the current callers get an error, and the next caller gets a token.

use crate::machine::{Machine, STORAGE, VAULT, app, ask};
use anyhow::Result;
use azure_identity_wasmtime::{ErrorKind, Provider, ProviderBuilder, TokenRequest};
use azure_simulator::Settings;
use futures_util::future::join_all;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A scope for which the hostile provider returns a token: expires-on and refresh-on are far in the future.
const GOOD: &str = "until/9000000000/8000000000";

async fn hostile(configure: impl FnOnce(ProviderBuilder) -> ProviderBuilder) -> Result<Provider> {
    Ok(configure(Provider::builder()).load_file(env!("HOSTILE_PROVIDER_WASM")).await?)
}

async fn failure(provider: &Provider, scope: &str) -> (ErrorKind, String) {
    let error = provider.get_token(TokenRequest::new(scope)).await.expect_err("the provider misbehaves");
    (error.kind, error.message)
}

async fn token(provider: &Provider, scope: &str) -> String {
    provider.get_token(TokenRequest::new(scope)).await.expect("a token").secret().to_owned()
}

#[tokio::test]
async fn a_provider_that_traps_is_replaced_and_all_callers_get_the_error() -> Result<()> {
    let provider = hostile(|builder| builder).await?;
    assert_eq!(token(&provider, GOOD).await, "token 1");
    let app = app(&provider)?;
    for outcome in join_all((0..100).map(|_| ask(&app, TokenRequest::new("trap")))).await {
        let error = outcome.expect_err("the provider trapped");
        assert_eq!(
            (error.kind, error.message.as_str()),
            (
                ErrorKind::Other,
                "azure-identity-wasmtime: an instance of the provider trapped and is replaced: wasm trap: \
                 wasm `unreachable` instruction executed; try again, and report it if it persists"
            )
        );
    }
    assert_eq!(token(&provider, &format!("{GOOD}1")).await, "token 1", "a new instance counts from one");
    let metrics = provider.metrics();
    assert_eq!((metrics.traps, metrics.failures), (1, 1));
    assert_eq!((metrics.instances_started, metrics.instances), (2, 1));
    Ok(())
}

#[tokio::test]
async fn a_trap_keeps_the_cached_tokens() -> Result<()> {
    let provider = hostile(|builder| builder).await?;
    let good = token(&provider, GOOD).await;
    failure(&provider, "trap").await;
    assert_eq!((token(&provider, GOOD).await, provider.metrics().hits), (good, 1));
    Ok(())
}

/// On a single thread, which the provider would block forever.
#[tokio::test]
async fn a_provider_that_never_returns_is_replaced() -> Result<()> {
    let provider = hostile(|builder| builder.call_timeout(Duration::from_millis(300))).await?;
    assert_eq!(
        failure(&provider, "loop").await,
        (
            ErrorKind::Transient,
            "azure-identity-wasmtime: an instance of the provider did not return within 300ms and is replaced"
                .to_owned()
        )
    );
    assert_eq!(token(&provider, GOOD).await, "token 1");
    let metrics = provider.metrics();
    assert_eq!((metrics.timeouts, metrics.traps, metrics.instances), (1, 0, 1));
    Ok(())
}

#[tokio::test]
async fn a_provider_that_exceeds_its_memory_limit_is_replaced() -> Result<()> {
    let provider = hostile(|builder| builder.memory_limit(8 << 20)).await?;
    let (kind, message) = failure(&provider, "memory").await;
    assert_eq!(kind, ErrorKind::Other);
    let said = "trapped and is replaced: it requested ";
    assert!(
        message.contains(said) && message.ends_with("and its limit is 8388608; raise memory_limit"),
        "{message}"
    );
    assert_eq!(token(&provider, GOOD).await, "token 1");
    Ok(())
}

#[tokio::test]
async fn an_app_cannot_exhaust_the_memory_of_the_provider() -> Result<()> {
    let provider = hostile(|builder| builder).await?;
    let app = app(&provider)?;
    let huge = TokenRequest { claims: Some("x".repeat(1 << 20)), ..TokenRequest::new(GOOD) };
    let error = ask(&app, huge).await.expect_err("the request is too large");
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert_eq!(provider.metrics().calls, 0, "the provider is not called");
    Ok(())
}

#[test]
fn without_a_tokio_runtime_a_call_is_an_error_and_no_panic() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let provider = runtime.block_on(hostile(|builder| builder))?;
    let call = std::pin::pin!(provider.get_token(TokenRequest::new(GOOD)));
    let outcome = call.poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Err(error)) = outcome else { panic!("the call succeeds: {outcome:?}") };
    assert_eq!(
        (error.kind, error.message.as_str()),
        (
            ErrorKind::Other,
            "azure-identity-wasmtime: the task that called the provider ended without a result; call it in a \
             tokio runtime that has timers and does not end before the call"
        )
    );
    runtime.block_on(token(&provider, GOOD));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_free_instance_has_a_timeout() -> Result<()> {
    let machine = Machine::start_with(Settings::default(), |builder| {
        builder.pool_size(1).queue_timeout(Duration::from_secs(2))
    })
    .await?;
    machine.delay("storage", Duration::from_secs(5));
    let slow = machine.token(STORAGE);
    let other = async {
        tokio::task::yield_now().await;
        let error = machine.ask(TokenRequest::new(VAULT)).await.expect_err("the only instance is busy");
        (machine.clock.elapsed(), error)
    };
    let (_, (waited, error)) = tokio::join!(slow, other);
    assert_eq!(waited, Duration::from_secs(2));
    assert_eq!(
        (error.kind, error.message.as_str()),
        (
            ErrorKind::Transient,
            "azure-identity-wasmtime: all 1 instances of the provider were busy for 2s; check what they wait \
             for, or raise pool_size"
        )
    );
    assert_eq!(machine.provider.metrics().busy, 1);
    machine.token(VAULT).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_not_allowed_is_not_called() -> Result<()> {
    let entra_alone = |builder: ProviderBuilder| builder.allow_host("https://login.microsoftonline.com");
    let machine = Machine::start_closed(entra_alone).await?;
    let error = machine.ask(TokenRequest::new(VAULT)).await.expect_err("IMDS is not allowed");
    assert_eq!((error.kind, machine.sent().len()), (ErrorKind::NotConfigured, 0));
    let imds =
        error.attempts.iter().find(|it| it.source.starts_with("managed-identity")).expect("it was tried");
    assert!(imds.message.contains("the host does not allow requests to that address"), "{}", imds.message);

    let both = |builder: ProviderBuilder| entra_alone(builder).allow_host("http://169.254.169.254");
    Machine::start_closed(both).await?.token(VAULT).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_cache_does_not_exceed_its_capacity() -> Result<()> {
    let machine = Machine::start_with(Settings::default(), |builder| builder.cache_capacity(1)).await?;
    for scope in [VAULT, STORAGE, VAULT] {
        machine.token(scope).await;
    }
    assert_eq!((machine.provider.metrics().misses, machine.provider.metrics().cached), (3, 1));
    Ok(())
}
