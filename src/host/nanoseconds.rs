//! Durations as WASI takes them.

use core::time::Duration;

/// The duration in nanoseconds; the longest one that WASI has for a longer one.
pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
