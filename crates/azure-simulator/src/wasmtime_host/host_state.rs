//! The state of a store.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::simulated_hooks::SimulatedHooks;

/// The state of a store of [`SimulatedHost::store`](super::SimulatedHost::store): WASI, and HTTP to the simulated Azure.
pub struct HostState {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: SimulatedHooks,
    table: ResourceTable,
}

impl HostState {
    /// The state of a new store.
    pub(super) fn new(wasi: WasiCtx, hooks: SimulatedHooks) -> HostState {
        HostState { wasi, http: WasiHttpCtx::new(), hooks, table: ResourceTable::new() }
    }
}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for HostState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}
