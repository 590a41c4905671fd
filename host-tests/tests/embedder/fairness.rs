//! One tenant that floods the provider, and the others beside it.

use crate::machine::{Machine, STORAGE, VAULT, app_of, ask_with};
use anyhow::Result;
use azure_identity_wasmtime::{
    AccessToken, CredentialError, ErrorKind, Policy, Provider, ProviderBuilder, TenantKey, TokenRequest,
};
use azure_simulator::Settings;
use azure_simulator::settings::DEFAULT_RESOURCES;
use futures_util::future::join_all;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use wasmtime::component::InstancePre;

const SECOND: Duration = Duration::from_secs(1);
/// The duration of the flood's calls.
const SLOW: Duration = Duration::from_secs(4);

/// The apps of one tenant.
#[derive(Clone)]
struct Tenant {
    key: TenantKey,
    app: InstancePre<TenantKey>,
}

impl Tenant {
    /// Tenants that share a linker, which tells them apart by the data of the store.
    fn with_shared_linker<const N: usize>(provider: &Provider) -> Result<[Self; N]> {
        let scoped = provider.scoped(Policy::unrestricted());
        let app =
            app_of(|linker| scoped.add_to_linker_with(linker, |tenant: &mut TenantKey| tenant.clone()))?;
        Ok(std::array::from_fn(|i| Self { key: TenantKey::new(format!("tenant-{i}")), app: app.clone() }))
    }

    /// Tenants that have a linker each. The data of their stores is the same.
    fn with_own_linkers<const N: usize>(provider: &Provider) -> Result<[Self; N]> {
        let scoped = provider.scoped(Policy::unrestricted());
        let apps: Result<Vec<_>> = (0..N).map(|_| app_of(|linker| scoped.add_to_linker(linker))).collect();
        let tenants = apps?.into_iter().map(|app| Self { key: TenantKey::new("the data of all"), app });
        Ok(tenants.collect::<Vec<_>>().try_into().unwrap_or_else(|_| unreachable!("there are N")))
    }

    /// The outcome of `get-token` in a new instance of an app.
    async fn ask(&self, request: TokenRequest) -> Result<AccessToken, CredentialError> {
        ask_with(&self.app, self.key.clone(), request).await
    }

    async fn token(&self, scope: &str) -> String {
        self.ask(TokenRequest::new(scope)).await.expect("a token").secret().to_owned()
    }

    /// Begins calls that no cache answers and that no other request shares.
    fn flood(&self, calls: usize) -> Flood {
        let outcomes = (0..calls).map(|_| {
            let tenant = self.clone();
            tokio::spawn(async move { tenant.ask(unique()).await })
        });
        Flood(outcomes.collect())
    }
}

/// A request with claims that no other request has.
fn unique() -> TokenRequest {
    static REQUESTS: AtomicUsize = AtomicUsize::new(0);
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    let claims = format!(r#"{{"access_token":{{"nbf":{{"essential":true,"value":"{number}"}}}}}}"#);
    TokenRequest { claims: Some(claims), ..TokenRequest::new(STORAGE) }
}

/// Calls that were begun at once.
struct Flood(Vec<tokio::task::JoinHandle<Result<AccessToken, CredentialError>>>);

impl Flood {
    /// The errors, when all calls have ended.
    async fn errors(self) -> Vec<CredentialError> {
        let outcomes = join_all(self.0).await.into_iter();
        outcomes.filter_map(|outcome| outcome.expect("no panic").err()).collect()
    }

    /// The callers give up.
    fn stop(self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// A machine on which the calls of a flood take long, and no rate limits them.
async fn machine() -> Result<Machine> {
    let machine = Machine::start_with(Settings::default(), without_rate).await?;
    machine.delay("storage", SLOW);
    Ok(machine)
}

fn without_rate(builder: ProviderBuilder) -> ProviderBuilder {
    builder.tenant_rate(1_000_000, 1_000_000)
}

async fn others_go_on_beside([hostile, good]: [Tenant; 2], machine: &Machine) -> Result<()> {
    let old = good.token(VAULT).await;
    machine.clock.advance(43_200 * SECOND).await;
    let flood = hostile.flood(1000);
    machine.clock.advance(SECOND).await;
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.in_flight, metrics.queued, metrics.queue_full), (4 + 32, 32, 1000 - 4 - 32));

    let before = machine.clock.elapsed();
    assert_eq!(good.token(VAULT).await, old, "the token is due");
    good.token(&format!("{}/.default", DEFAULT_RESOURCES[5])).await;
    assert_eq!(machine.clock.elapsed(), before, "a call for a token that is not cached does not wait");
    assert_ne!(good.token(VAULT).await, old, "the renewal did not wait");
    assert_eq!(machine.provider.metrics().queued, 32, "the flood waits");
    flood.stop();
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn renewals_and_new_calls_do_not_wait_for_a_tenant_of_the_same_linker_that_floods_the_queue()
-> Result<()> {
    let machine = machine().await?;
    others_go_on_beside(Tenant::with_shared_linker(&machine.provider)?, &machine).await
}

#[tokio::test(start_paused = true)]
async fn renewals_and_new_calls_do_not_wait_for_a_tenant_of_another_linker_that_floods_the_queue()
-> Result<()> {
    let machine = machine().await?;
    others_go_on_beside(Tenant::with_own_linkers(&machine.provider)?, &machine).await
}

#[tokio::test(start_paused = true)]
async fn renewals_do_not_wait_and_new_calls_wait_for_one_turn_when_all_tenants_but_one_flood_the_queue()
-> Result<()> {
    let machine = machine().await?;
    let [good, flooding @ ..] = Tenant::with_shared_linker::<6>(&machine.provider)?;
    let old = good.token(VAULT).await;
    machine.clock.advance(43_200 * SECOND).await;
    let floods: Vec<_> = flooding.iter().map(|tenant| tenant.flood(100)).collect();
    machine.clock.advance(SECOND).await;
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.in_flight, metrics.queued), (7 + 5 * 32, 5 * 32), "an instance is kept");

    assert_eq!(good.token(VAULT).await, old, "the token is due");
    machine.clock.advance(Duration::from_millis(1)).await;
    assert_ne!(good.token(VAULT).await, old, "the renewal did not wait");
    let before = machine.clock.elapsed();
    good.token(&format!("{}/.default", DEFAULT_RESOURCES[5])).await;
    let waited = machine.clock.elapsed() - before;
    assert!(waited <= SLOW, "the first calls of the floods end after {SLOW:?}, and it waited {waited:?}");
    floods.into_iter().for_each(Flood::stop);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_tenant_begins_calls_at_its_rate_and_the_error_names_the_option() -> Result<()> {
    let machine = Machine::start().await?;
    let [hostile, good] = Tenant::with_shared_linker(&machine.provider)?;
    let errors = hostile.flood(100).errors().await;
    assert_eq!((errors.len(), machine.sent().len()), (80, 20));
    for error in errors {
        assert_eq!(
            (error.kind, error.message.as_str()),
            (
                ErrorKind::Transient,
                "azure-identity-wasmtime: this tenant exceeds its rate of 10 calls of the provider a second after a \
                 burst of 20; try again in 101 ms, or raise tenant_rate"
            )
        );
    }
    good.token(VAULT).await;
    machine.clock.advance(SECOND).await;
    assert_eq!(hostile.flood(100).errors().await.len(), 90);
    assert_eq!(machine.provider.metrics().rate_limited, 170);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_cached_token_does_not_count_towards_the_rate() -> Result<()> {
    let machine = Machine::start_with(Settings::default(), |builder| builder.tenant_rate(1, 1)).await?;
    for _ in 0..100 {
        machine.token(VAULT).await;
    }
    assert_eq!((machine.provider.metrics().rate_limited, machine.provider.metrics().hits), (0, 99));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn waiting_calls_are_dropped_when_their_callers_are_gone_and_running_ones_go_on() -> Result<()> {
    let machine = machine().await?;
    let [hostile] = Tenant::with_shared_linker(&machine.provider)?;
    let flood = hostile.flood(30);
    machine.clock.advance(SECOND).await;
    assert_eq!((machine.sent().len(), machine.provider.metrics().queued), (4, 26));
    flood.stop();
    machine.clock.advance(2 * SLOW).await;
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.abandoned, metrics.queued, metrics.in_flight), (26, 0, 0));
    assert_eq!((machine.sent().len(), metrics.calls, metrics.failures), (4, 4, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_waiting_call_goes_on_for_a_second_caller_when_the_first_one_is_gone() -> Result<()> {
    let machine =
        Machine::start_with(Settings::default(), |builder| without_rate(builder).pool_size(1)).await?;
    machine.delay("storage", SLOW);
    let [hostile, good, other] = Tenant::with_shared_linker(&machine.provider)?;
    let flood = hostile.flood(1);
    machine.clock.advance(SECOND).await;
    let impatient = tokio::time::timeout(SECOND, good.token(VAULT));
    let patient = async {
        tokio::task::yield_now().await;
        other.token(VAULT).await
    };
    assert!(tokio::join!(impatient, patient).0.is_err(), "the first caller gave up");
    assert_eq!((flood.errors().await.len(), machine.provider.metrics().abandoned), (0, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_queue_recovers_from_a_flood() -> Result<()> {
    let machine = machine().await?;
    let [hostile, good] = Tenant::with_shared_linker(&machine.provider)?;
    let errors = hostile.flood(1000).errors().await;
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.calls, metrics.busy, metrics.queue_full), (4 * 8, 4, 1000 - 4 - 32));
    assert_eq!(
        (errors.len(), machine.clock.elapsed()),
        (1000 - 4 * 8, 8 * SLOW),
        "four calls at once, for 30 s"
    );
    good.token(VAULT).await;
    assert_eq!(hostile.flood(8).errors().await, []);
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.queued, metrics.in_flight, metrics.instances), (0, 0, 4));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_malformed_request_takes_no_place_in_the_queue() -> Result<()> {
    let machine = machine().await?;
    let [hostile] = Tenant::with_shared_linker(&machine.provider)?;
    for claims in ["[]", "{", &format!("{{{}}}", " ".repeat(16 * 1024))] {
        let request = TokenRequest { claims: Some(claims.to_owned()), ..TokenRequest::new(VAULT) };
        let error = hostile.ask(request).await.expect_err("the claims are malformed");
        assert_eq!(error.kind, ErrorKind::InvalidArgument, "{error}");
    }
    assert_eq!((machine.provider.metrics().calls, machine.provider.metrics().misses), (0, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_fills_the_cache_evicts_its_own_tokens() -> Result<()> {
    let machine = Machine::start_with(Settings::default(), |builder| builder.cache_capacity(4)).await?;
    let [hostile, good] = Tenant::with_shared_linker(&machine.provider)?;
    good.token(VAULT).await;
    machine.clock.advance(60 * SECOND).await;
    let others = DEFAULT_RESOURCES.iter().filter(|resource| !VAULT.starts_with(**resource)).take(8);
    for resource in others {
        hostile.token(&format!("{resource}/.default")).await;
    }
    good.token(VAULT).await;
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.cached, metrics.hits, metrics.misses), (4, 1, 9));
    Ok(())
}
