//! A wasmtime host in which Azure is simulated: tests of components without sockets, on a clock of the test's own.
//!
//! Requests keep their real addresses (`https://login.microsoftonline.com`, `http://169.254.169.254`), so that the app under test is
//! configured as in production. A request to any other host is refused, unless [`SimulatedHost::with_other_hosts`] has hooks for it.
//!
//! # Example
//!
//! An HTTP app, composed with its credential provider:
//!
//! ```no_run
//! use azure_simulator::Settings;
//! use azure_simulator::wasmtime_host::SimulatedHost;
//! use std::time::Duration;
//! use wasmtime::Engine;
//! use wasmtime::component::Component;
//!
//! // In a test with #[tokio::test(start_paused = true)]:
//! # async fn test() -> wasmtime::Result<()> {
//! let host = SimulatedHost::new(Settings::default());
//! let engine = Engine::default();
//! let app = Component::from_file(&engine, "composed.wasm")?;
//! let mut app = host.start_http_app(&app, &mut host.wasi()).await?;
//!
//! assert_eq!(app.get("/").await?.status(), 200);
//! host.clock().advance(Duration::from_secs(86_400)).await;
//! host.azure().inject("imds=503".parse().expect("a fault"));
//! assert_eq!(app.get("/").await?.status(), 500);
//! assert_eq!(host.requests()[0].client_id.as_deref(), Some("55556666-ffff-7777-aaaa-8888bbbb9999"));
//! # Ok(())
//! # }
//! ```
//!
//! # In a host of your own
//!
//! [`SimulatedHost::hooks`] are the `WasiHttpHooks` for the `WasiHttpView` of your state, and [`SimulatedHost::wasi`] is a
//! `WasiCtxBuilder` with the clock, for its `WasiView`. [`SimulatedHost::store`] and [`SimulatedHost::linker`] serve any world, of
//! WASI 0.2 and, with the feature `p3`, 0.3.

mod host_state;
mod http_app;
mod network_hooks;
mod simulated_hooks;
mod simulated_host;
mod virtual_clock;

pub use host_state::HostState;
pub use http_app::HttpApp;
pub use network_hooks::{NetworkHooks, Timeouts};
pub use simulated_hooks::SimulatedHooks;
pub use simulated_host::SimulatedHost;
pub use virtual_clock::{EPOCH, VirtualClock};
