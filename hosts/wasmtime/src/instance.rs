//! One instance of the provider, in a store of its own.

use crate::error::LoadError;
use crate::load::Program;
use crate::metrics::Counters;
use crate::state::State;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::{Func, TypedFunc};

/// An instance. After a call into it trapped or was cancelled, it cannot be called again.
pub(crate) struct Instance {
    store: Store<State>,
    get_token: Func,
    was_called: bool,
    counters: Arc<Counters>,
}

impl Instance {
    /// Starts an instance.
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
        let missing = || LoadError::Function { what: "it is not a function".to_owned() };
        let get_token = instance.get_func(&mut store, program.get_token).ok_or_else(missing)?;
        typed(get_token, &store)?;
        counters.instances_started.up();
        counters.instances.up();
        Ok(Self { store, get_token, was_called: false, counters })
    }

    /// Whether it may have tokens in its cache.
    pub(crate) fn was_called(&self) -> bool {
        self.was_called
    }

    /// Requests a token. The outer error is a trap.
    pub(crate) async fn get_token(
        &mut self,
        request: &TokenRequest,
    ) -> wasmtime::Result<Result<AccessToken, CredentialError>> {
        self.store.data().failures.clear();
        self.was_called = true;
        let get_token = typed(self.get_token, &self.store)?;
        let (outcome,) = get_token.call_async(&mut self.store, (request,)).await?;
        Ok(outcome.map_err(|error| self.store.data().failures.explain(error)))
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
