//! The data of an instance's store: its WASI contexts and its limits.

use crate::failures::ConnectionFailures;
use crate::outgoing::Outgoing;
use wasmtime::ResourceLimiter;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The data of an instance's store.
pub(crate) struct State {
    pub(crate) wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    pub(crate) http: WasiHttpCtx,
    pub(crate) outgoing: Outgoing,
    pub(crate) limits: Limits,
    pub(crate) failures: ConnectionFailures,
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

/// The limits of an instance.
pub(crate) struct Limits {
    /// The size of each of its memories, at most, in bytes.
    pub(crate) memory: usize,
}

/// An instance requested more memory than its limit.
#[derive(Debug, thiserror::Error)]
#[error("it requested {wanted} bytes of memory and its limit is {limit}; raise memory_limit")]
pub(crate) struct OutOfMemory {
    wanted: usize,
    limit: usize,
}

impl ResourceLimiter for Limits {
    /// Traps at once, with a message that names the cause; a trap of the guest's allocator would not name it.
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
