//! A circuit breaker: a store that fails several times in a row is left alone for a while.

use std::time::Duration;

/// The state of a circuit breaker. Times are those of a monotonic clock since a fixed point.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    /// The number of failures in a row.
    failures: u32,
    /// Until then the store is left alone.
    open_until: Duration,
}

impl Breaker {
    /// Whether a call may be made. After the pause one call at a time tries the store: the pause begins anew with it.
    pub(crate) fn permits(&mut self, elapsed: Duration) -> bool {
        if self.failures < MAX_FAILURES {
            return true;
        }
        if elapsed < self.open_until {
            return false;
        }
        self.open_until = elapsed + self.pause();
        true
    }

    /// Records that a call succeeded.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Records that a call failed.
    pub(crate) fn failed(&mut self, elapsed: Duration) {
        self.failures = self.failures.saturating_add(1);
        self.open_until = elapsed + self.pause();
    }

    /// Doubles with each failure.
    fn pause(&self) -> Duration {
        let doubled = self.failures.saturating_sub(MAX_FAILURES).min(MAX_DOUBLINGS);
        FIRST_PAUSE * 2_u32.pow(doubled)
    }
}

/// With less failures in a row, every call is made.
const MAX_FAILURES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The pause is 32 s at most.
const MAX_DOUBLINGS: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_store_that_fails_three_times_is_left_alone_for_a_second() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            assert!(breaker.permits(ms(0)));
            breaker.failed(ms(0));
        }
        assert!(!breaker.permits(ms(999)));
        assert!(breaker.permits(ms(1000)));
        assert!(!breaker.permits(ms(1001)), "one call at a time");
        breaker.succeeded();
        assert!(breaker.permits(ms(1002)));
    }

    #[test]
    fn the_pause_doubles_up_to_32_seconds() {
        let mut breaker = Breaker::default();
        let mut pauses = Vec::new();
        let mut now = ms(0);
        for _ in 0..10 {
            breaker.failed(now);
            pauses.push((breaker.open_until - now).as_secs());
            now = breaker.open_until;
        }
        assert_eq!(pauses, [1, 1, 1, 2, 4, 8, 16, 32, 32, 32]);
    }

    #[test]
    fn failures_with_successes_between_them_change_nothing() {
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            breaker.failed(ms(0));
            breaker.failed(ms(0));
            breaker.succeeded();
        }
        assert!(breaker.permits(ms(0)));
    }
}
