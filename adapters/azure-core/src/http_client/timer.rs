//! Timers of the host.

use std::time::Duration;
use wasip2::clocks::monotonic_clock;
use wasip2::io::poll::Pollable;

/// Is ready after the duration.
pub(super) fn timer(duration: Duration) -> Pollable {
    monotonic_clock::subscribe_duration(nanoseconds(duration))
}

/// The duration in nanoseconds; the longest one that WASI has for a longer one.
pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
