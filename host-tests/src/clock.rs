//! The clock of the guest and of the simulated Azure, which is the simulator's.

pub use azure_simulator::wasmtime_host::{EPOCH, VirtualClock as Clock};
