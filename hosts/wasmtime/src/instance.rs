//! One instance of the provider, in a store of its own.

use crate::error::LoadError;
use crate::load::Program;
use crate::metrics::Counters;
use crate::outgoing::Outgoing;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use std::sync::Arc;
use wasmtime::component::{Func, ResourceTable, TypedFunc};
use wasmtime::{ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// An instance. Once a call into it failed or was given up, it is good for nothing more.
pub(crate) struct Instance {
    store: Store<State>,
    get_token: Func,
    counters: Arc<Counters>,
}

impl Instance {
    /// Starts one.
    pub(crate) async fn start(
        program: &Program,
        state: State,
        counters: Arc<Counters>,
    ) -> Result<Self, LoadError> {
        let failed = |source| LoadError::Start { source };
        let mut store = Store::new(program.pre.engine(), state);
        store.limiter(|state| &mut state.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let instance = program.pre.instantiate_async(&mut store).await.map_err(failed)?;
        let missing = || LoadError::Function { what: "it is no function".to_owned() };
        let get_token = instance.get_func(&mut store, program.get_token).ok_or_else(missing)?;
        typed(get_token, &store)?;
        counters.instances_started.up();
        counters.instances.up();
        Ok(Self { store, get_token, counters })
    }

    /// Asks for a token. The outer error is a trap.
    pub(crate) async fn get_token(
        &mut self,
        request: &TokenRequest,
    ) -> wasmtime::Result<Result<AccessToken, CredentialError>> {
        let get_token = typed(self.get_token, &self.store)?;
        let (outcome,) = get_token.call_async(&mut self.store, (request,)).await?;
        Ok(outcome)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.counters.instances.down();
    }
}

type GetToken<'a> = TypedFunc<(&'a TokenRequest,), (Result<AccessToken, CredentialError>,)>;

fn typed<'a>(get_token: Func, store: &Store<State>) -> Result<GetToken<'a>, LoadError> {
    get_token.typed(store).map_err(|error| LoadError::Function { what: format!("{error:#}") })
}

/// What the host keeps for an instance.
pub(crate) struct State {
    pub(crate) wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    pub(crate) http: WasiHttpCtx,
    pub(crate) outgoing: Outgoing,
    pub(crate) limits: Limits,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outgoing }
    }
}

/// What an instance may take.
pub(crate) struct Limits {
    /// In bytes, for each of its memories.
    pub(crate) memory: usize,
}

/// An instance wanted more memory than it may have.
#[derive(Debug, thiserror::Error)]
#[error("it wanted {wanted} bytes of memory and may have {limit}; raise memory_limit")]
pub(crate) struct OutOfMemory {
    wanted: usize,
    limit: usize,
}

impl ResourceLimiter for Limits {
    /// A trap at once, because its message says why; one in the guest's allocator would not.
    fn memory_growing(&mut self, _: usize, wanted: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if wanted > self.memory {
            return Err(OutOfMemory { wanted, limit: self.memory }.into());
        }
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, wanted: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(wanted <= MAX_TABLE)
    }
}

/// The provider's tables hold its functions and do not grow.
const MAX_TABLE: usize = 100_000;
