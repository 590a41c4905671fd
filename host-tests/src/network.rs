//! The simulated network of a guest, which is the simulator's.

pub use azure_simulator::network::{Fault, Network, Outcome};
pub use azure_simulator::wasmtime_host::{NetworkHooks, Timeouts};
