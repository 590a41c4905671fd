//! The random numbers that keep hosts from doing the same thing at the same time.

use std::sync::Arc;
use std::time::Duration;

/// Where the random numbers come from that spread renewals and waits. None of them is a secret.
#[derive(Clone)]
pub(crate) struct Jitter(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Jitter {
    pub(super) fn new(random: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(random))
    }

    /// A random number.
    pub(super) fn next(&self) -> u64 {
        (self.0)()
    }

    /// Half of a duration to all of it.
    pub(super) fn half_or_more(&self, duration: Duration) -> Duration {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        duration.mul_f64(0.5 + share / 2.0)
    }
}

impl Default for Jitter {
    fn default() -> Self {
        Self::new(rand::random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_half_of_a_duration_at_least_and_never_longer() {
        let second = Duration::from_secs(1);
        for (random, expected) in [(0, 500), (1 << 63, 750), (u64::MAX, 1000)] {
            let wait = Jitter::new(move || random).half_or_more(second);
            assert_eq!((wait.as_secs_f64() * 1000.0).round() as u64, expected);
            assert!(wait <= second);
        }
    }
}
