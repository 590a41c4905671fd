//! A wasmtime host whose network and clocks are simulated.

use std::sync::Arc;

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi_http::WasiHttpHooks;

use super::host_state::HostState;
use super::http_app::HttpApp;
use super::simulated_hooks::SimulatedHooks;
use super::virtual_clock::VirtualClock;
use crate::azure::Azure;
use crate::journal::Entry;
use crate::settings::Settings;

/// A wasmtime host in which Azure is simulated. Clones share everything.
///
/// The [module](super) has an example.
#[derive(Clone)]
pub struct SimulatedHost {
    azure: Azure,
    clock: VirtualClock,
    other_hosts: Option<MakeHooks>,
}

type MakeHooks = Arc<dyn Fn() -> Box<dyn WasiHttpHooks> + Send + Sync>;

impl SimulatedHost {
    /// A host with the Azure that `settings` describe, on a clock that starts at 2027-01-15T08:00:00Z.
    ///
    /// # Panics
    /// Outside a tokio runtime, whose clock it follows.
    pub fn new(settings: Settings) -> SimulatedHost {
        SimulatedHost::on_clock(VirtualClock::simulated(), settings)
    }

    /// As [`new`](Self::new), on a clock of the test's choice.
    pub fn on_clock(clock: VirtualClock, settings: Settings) -> SimulatedHost {
        let azure = Azure::new(clock.clone(), settings).refusing_other_hosts();
        SimulatedHost { azure, clock, other_hosts: None }
    }

    /// Sends requests to hosts that are not simulated through hooks of the test's own, one for each store.
    ///
    /// Without this such a request is refused, and listed by [`Azure::unexpected`].
    ///
    /// ```
    /// use azure_simulator::wasmtime_host::SimulatedHost;
    ///
    /// # struct Database;
    /// # impl wasmtime_wasi_http::WasiHttpHooks for Database {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let host = SimulatedHost::new(Default::default()).with_other_hosts(|| Database);
    /// # }
    /// ```
    pub fn with_other_hosts<H: WasiHttpHooks + 'static>(
        mut self,
        hooks: impl Fn() -> H + Send + Sync + 'static,
    ) -> SimulatedHost {
        self.other_hosts = Some(Arc::new(move || Box::new(hooks())));
        self
    }

    /// The simulated Azure: its journal, and faults from now on.
    pub fn azure(&self) -> &Azure {
        &self.azure
    }

    /// The clock of the stores and of the simulated Azure.
    pub fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    /// What was asked so far, oldest first, without secrets; see [`Azure::journal`].
    pub fn requests(&self) -> Vec<Entry> {
        self.azure.journal()
    }

    /// The environment variables of the first application of the settings, for the components under test.
    ///
    /// The managed identity of the virtual machine needs none.
    pub fn service_principal(&self) -> Vec<(String, String)> {
        crate::environment::service_principal(self.azure.settings())
    }

    /// The hooks of an instance, for the `WasiHttpView` of a state of the test's own.
    pub fn hooks(&self) -> SimulatedHooks {
        SimulatedHooks::new(self.azure.clone(), self.other_hosts.as_ref().map(|make| make()))
    }

    /// A WASI context with the clocks of the simulation; the test adds variables, folders and output.
    pub fn wasi(&self) -> WasiCtxBuilder {
        let mut wasi = WasiCtxBuilder::new();
        wasi.wall_clock(self.clock.clone()).monotonic_clock(self.clock.clone());
        // Otherwise files are read on other threads, and a paused clock would not wait for them.
        wasi.allow_blocking_current_thread(true);
        wasi
    }

    /// A store with these contexts. An engine that interrupts by epochs gives it no deadline until the test sets one.
    pub fn store(&self, engine: &Engine, wasi: &mut WasiCtxBuilder) -> Store<HostState> {
        let mut store = Store::new(engine, HostState::new(wasi.build(), self.hooks()));
        store.set_epoch_deadline(u64::MAX / 2);
        store
    }

    /// A linker with WASI 0.2 and, with the feature `p3`, WASI 0.3, whose engine needs `wasm_component_model_async`.
    ///
    /// # Errors
    /// When the engine's configuration lacks what they need.
    // `inline`: the functions of WASI, which take half a minute of a debug build, are compiled by the crates that call this.
    #[inline]
    pub fn linker(&self, engine: &Engine) -> wasmtime::Result<Linker<HostState>> {
        let mut linker = Linker::new(engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        #[cfg(feature = "p3")]
        {
            wasmtime_wasi::p3::add_to_linker(&mut linker)?;
            wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        }
        Ok(linker)
    }

    /// Starts one instance of an HTTP app (world `wasi:http/proxy` of WASI 0.2), which handles every request of the test and so
    /// keeps its memory from one to the next.
    ///
    /// # Errors
    /// When the component imports what the host does not have, or does not export `wasi:http/incoming-handler`.
    #[inline] // As `linker`.
    pub async fn start_http_app(
        &self,
        component: &Component,
        wasi: &mut WasiCtxBuilder,
    ) -> wasmtime::Result<HttpApp> {
        let engine = component.engine();
        HttpApp::start(self.store(engine, wasi), &self.linker(engine)?, component).await
    }
}
