//! The app of the tenants: one component, and a new instance for each request.

use anyhow::{Context, Result};
use azure_identity_wasmtime::{HttpAuth, HttpAuthHooks, Provider, ScopedProvider};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::oneshot;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The app, and the tenants that it runs for.
pub struct Apps {
    app: ProxyPre<State>,
    tenants: HashMap<String, Tenant>,
}

/// What a tenant's instances may use.
#[derive(Clone)]
pub struct Tenant {
    /// The tokens that the app may request itself.
    pub identity: ScopedProvider,
    /// The requests that the app may send. Each gets its token on the way, so that the app never holds one; without a rule
    /// none leaves, not even to the instance metadata service, which would give the app every token of the host.
    pub network: HttpAuth,
}

impl Apps {
    /// Loads the app. One linker serves all tenants: the store's data has the provider with the tenant's policy.
    pub fn load(app: &Path, tenants: HashMap<String, Tenant>) -> Result<Self> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        Provider::add_to_linker_with(&mut linker, |state: &mut State| state.tenant.identity.clone())?;
        let app = ProxyPre::new(linker.instantiate_pre(&Component::from_file(&engine, app)?)?)?;
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(EPOCH);
                engine.increment_epoch();
            }
        });
        Ok(Self { app, tenants })
    }

    /// Handles a request in a new instance for a tenant.
    pub async fn handle(&self, tenant: &str, request: Request<Incoming>) -> Result<Response<WasiBody>> {
        let Some(tenant) = self.tenants.get(tenant) else {
            return Ok(status(StatusCode::NOT_FOUND));
        };
        let mut store = Store::new(self.app.engine(), State::new(tenant.clone()));
        store.limiter(|state| &mut state.limits);
        store.epoch_deadline_async_yield_and_update(1);
        let (sender, receiver) = oneshot::channel();
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
        let out = store.data_mut().http().new_response_outparam(sender)?;
        let proxy = self.app.instantiate_async(&mut store).await?;
        // In a task of its own, because the app may write its body after this function has returned the response.
        let running = tokio::spawn(async move {
            let call = proxy.wasi_http_incoming_handler().call_handle(&mut store, request, out);
            tokio::time::timeout(MAX_DURATION, call)
                .await
                .context("the app takes too long")?
                .map_err(anyhow::Error::from)
        });
        match receiver.await {
            Ok(response) => Ok(response?),
            Err(_) => {
                running.await??;
                anyhow::bail!("the app returned without a response")
            }
        }
    }
}

/// A response without a body.
pub fn status(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(WasiBody::default());
    *response.status_mut() = status;
    response
}

/// The data of one instance's store.
struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    network: HttpAuthHooks,
    tenant: Tenant,
    table: ResourceTable,
    limits: StoreLimits,
}

impl State {
    fn new(tenant: Tenant) -> Self {
        let limits = StoreLimitsBuilder::new().memory_size(MAX_MEMORY).instances(100).build();
        let (wasi, http, network) = (WasiCtx::default(), WasiHttpCtx::new(), tenant.network.hooks());
        Self { wasi, http, network, tenant, table: ResourceTable::new(), limits }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.network }
    }
}

/// An instance yields its thread this often.
const EPOCH: Duration = Duration::from_millis(10);
/// How long an instance handles a request, at most.
const MAX_DURATION: Duration = Duration::from_secs(30);
/// The size of each memory of an instance, at most, in bytes.
const MAX_MEMORY: usize = 64 << 20;
