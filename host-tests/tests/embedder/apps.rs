//! Apps of WASI 0.2 and 0.3, and what their policies allow.

use crate::machine::{Machine, STORAGE, VAULT, app_of, ask};
use anyhow::Result;
use azure_identity_wasmtime::{ErrorKind, Policy, Provider, ScopedProvider, TenantKey, TokenRequest};
use azure_simulator::Settings;
use host_tests::engine::{engine, reset_epoch_deadline};
use std::time::Duration;
use wasmtime::component::{Component, Linker, ResourceTable, TypedFunc};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn an_app_of_0_2_and_one_of_0_3_share_one_request_in_flight() -> Result<()> {
    let machine = Machine::start().await?;
    machine.delay("vault", SECOND);
    let mut newer = AppOf03::start(&machine.provider.scoped(Policy::unrestricted())).await?;
    let (older, newer) = tokio::join!(machine.ask(TokenRequest::new(VAULT)), newer.ask(&[VAULT]));
    assert_eq!([older?.source.as_str(), newer?[0].as_str()], ["managed-identity/imds"; 2]);
    let metrics = machine.provider.metrics();
    assert_eq!((machine.sent().len(), metrics.misses, metrics.merged), (1, 1, 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_call_through_the_interface_of_0_3_does_not_block_its_instance() -> Result<()> {
    let machine = Machine::start().await?;
    machine.delay("vault", 2 * SECOND);
    machine.delay("storage", 2 * SECOND);
    let mut app = AppOf03::start(&machine.provider.scoped(Policy::unrestricted())).await?;
    let before = machine.clock.elapsed();
    assert_eq!(app.ask(&[VAULT, STORAGE, VAULT]).await?, ["managed-identity/imds"; 3]);
    assert_eq!((machine.clock.elapsed() - before, machine.sent().len()), (2 * SECOND, 2));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_policy_does_not_allow_is_refused_although_its_token_is_cached() -> Result<()> {
    let machine = Machine::start().await?;
    machine.token(VAULT).await;
    let storage_alone = machine.provider.scoped(Policy::new().allow_scope(STORAGE));
    let app = app_of(|linker| storage_alone.add_to_linker(linker))?;
    let error = ask(&app, TokenRequest::new(VAULT)).await.expect_err("the policy does not allow it");
    assert_eq!(
        (error.kind, error.message.as_str()),
        (
            ErrorKind::InvalidArgument,
            "azure-identity-wasmtime: the policy of this app does not allow the scope \
             'https://vault.azure.net/.default'; the embedder allows it by Policy::allow_scope"
        )
    );
    let mut newer = AppOf03::start(&storage_alone).await?;
    assert_eq!(newer.ask(&[VAULT, STORAGE]).await?, [error.message.as_str(), "managed-identity/imds"]);
    ask(&app, TokenRequest::new(STORAGE)).await?;
    let metrics = machine.provider.metrics();
    assert_eq!((metrics.refused, metrics.hits, machine.sent().len()), (2, 1, 2));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn tenants_that_share_a_linker_have_policies_of_their_own() -> Result<()> {
    let machine = Machine::start().await?;
    let scoped = |scope: &str, name: &str| {
        machine.provider.scoped(Policy::new().allow_scope(scope)).for_tenant(TenantKey::new(name))
    };
    let mut linker = Linker::new(engine());
    Provider::add_to_linker_with(&mut linker, |app: &mut ScopedProvider| app.clone())?;
    let relay = Component::from_file(engine(), env!("RELAY_WASM"))?;
    let app = linker.instantiate_pre(&relay)?;
    for (own, other, name) in [(VAULT, STORAGE, "contoso"), (STORAGE, VAULT, "fabrikam")] {
        let asked =
            |scope: &'static str| crate::machine::ask_with(&app, scoped(own, name), TokenRequest::new(scope));
        assert!(asked(own).await.is_ok(), "{name}");
        assert_eq!(asked(other).await.expect_err(name).kind, ErrorKind::InvalidArgument);
    }
    Ok(())
}

#[tokio::test]
async fn an_engine_without_concurrency_gets_the_interface_of_0_2() -> Result<()> {
    let machine = Machine::start_with(Settings::default(), |builder| builder).await?;
    let mut config = Config::new();
    config.wasm_component_model_async(false).concurrency_support(false);
    let mut linker = Linker::<()>::new(&Engine::new(&config)?);
    machine.provider.scoped(Policy::unrestricted()).add_to_linker(&mut linker)?;
    let relay = Component::from_file(linker.engine(), env!("RELAY_WASM"))?;
    linker.instantiate_pre(&relay)?;
    Ok(())
}

/// An instance of an app of WASI 0.3, whose function `ask` returns the source of a token or the error's message.
struct AppOf03 {
    store: Store<Wasi>,
    ask: TypedFunc<(String, Option<u64>), (String,)>,
}

impl AppOf03 {
    async fn start(provider: &ScopedProvider) -> Result<Self> {
        let mut linker = Linker::new(engine());
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        provider.add_to_linker(&mut linker)?;
        let component = Component::from_file(engine(), env!("IMPATIENT_WASM"))?;
        let mut store = Store::new(engine(), Wasi::default());
        reset_epoch_deadline(&mut store);
        let instance = linker.instantiate_async(&mut store, &component).await?;
        let ask = instance.get_typed_func(&mut store, "ask")?;
        Ok(Self { store, ask })
    }

    /// Asks for tokens for all scopes at once.
    async fn ask(&mut self, scopes: &[&str]) -> Result<Vec<String>> {
        let ask = &self.ask;
        let outcomes = self.store.run_concurrent(async |store| {
            let calls = scopes.iter().map(|scope| ask.call_concurrent(store, ((*scope).to_owned(), None)));
            futures_util::future::try_join_all(calls).await
        });
        Ok(outcomes.await??.into_iter().map(|(outcome,)| outcome).collect())
    }
}

#[derive(Default)]
struct Wasi {
    context: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Wasi {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.context, table: &mut self.table }
    }
}
