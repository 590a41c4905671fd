//! The clock of the guest and of the simulated Azure, which is the simulator's.

pub use azure_simulator::wasmtime_host::{EPOCH, VirtualClock as Clock};
use std::time::Duration;

/// After how long of real time a provider has read the wall clock again: it reads it once in a second.
pub const WALL_CLOCK_READ_IN: Duration = Duration::from_millis(1100);
