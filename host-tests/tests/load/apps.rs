//! Instances of an app on an engine with epoch interruption, so that none holds a thread while it computes.

use anyhow::Result;
use azure_identity_wasmtime::{
    AccessToken, CredentialError, INTERFACE, Policy, Provider, TenantKey, TokenRequest,
};
use std::time::Duration;
use wasmtime::component::{Component, InstancePre, Linker, TypedFunc};
use wasmtime::{Config, Engine, Store};

/// The app, linked for all tenants.
pub struct Apps {
    engine: Engine,
    app: InstancePre<TenantKey>,
}

impl Apps {
    pub fn new(provider: &Provider) -> Result<Self> {
        let engine = Engine::new(Config::new().epoch_interruption(true))?;
        let mut linker = Linker::new(&engine);
        let scoped = provider.scoped(Policy::unrestricted());
        scoped.add_to_linker_with(&mut linker, |tenant: &mut TenantKey| tenant.clone())?;
        let app = linker.instantiate_pre(&Component::from_file(&engine, env!("RELAY_WASM"))?)?;
        let ticking = engine.clone();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_millis(10));
                ticking.increment_epoch();
            }
        });
        Ok(Self { engine, app })
    }

    /// A new instance, for a tenant.
    pub async fn start(&self, tenant: TenantKey) -> App {
        let mut store = Store::new(&self.engine, tenant);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let instance = self.app.instantiate_async(&mut store).await.expect("the app starts");
        let interface = instance.get_export_index(&mut store, None, INTERFACE);
        let get_token = instance.get_export_index(&mut store, interface.as_ref(), "get-token");
        let get_token = instance.get_typed_func(&mut store, get_token.expect("the app exports the function"));
        App { get_token: get_token.expect("the types are ours"), store }
    }
}

/// An instance of the app.
pub struct App {
    store: Store<TenantKey>,
    get_token: TypedFunc<(TokenRequest,), (Outcome,)>,
}

impl App {
    /// Restarts the time after which the app yields. An app that waited for longer would yield at once.
    pub fn resume(&mut self) {
        self.store.set_epoch_deadline(1);
    }

    pub async fn ask(&mut self, request: TokenRequest) -> Outcome {
        self.get_token.call_async(&mut self.store, (request,)).await.expect("the app does not trap").0
    }
}

type Outcome = Result<AccessToken, CredentialError>;
