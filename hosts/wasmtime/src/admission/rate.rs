//! The rate of each tenant's calls.

use crate::tenant::TenantKey;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A rate limit of calls, for each tenant.
pub(crate) struct TenantRate {
    limiter: RateLimiter<TenantKey, HashMapStateStore<TenantKey>, RuntimeClock, NoOpMiddleware<Duration>>,
    /// The number of tenants in the limiter at which those that have called no more are removed.
    remove_at: AtomicUsize,
}

impl TenantRate {
    pub(crate) fn new(quota: Quota) -> Self {
        let clock = RuntimeClock { started: Instant::now() };
        let limiter = RateLimiter::hashmap_with_clock(quota, clock);
        Self { limiter, remove_at: AtomicUsize::new(MIN_REMOVE_AT) }
    }

    /// Counts a call of a tenant.
    ///
    /// # Errors
    /// The time until the tenant's next call is within the rate, when this one exceeds it.
    pub(crate) fn check(&self, tenant: &TenantKey) -> Result<(), Duration> {
        let checked = self.limiter.check_key(tenant);
        self.remove_idle();
        checked.map_err(|not_until| not_until.wait_time_from(self.limiter.clock().now()))
    }

    /// Keeps the tenants that have called recently, whenever their number has doubled: the removal visits all of them.
    fn remove_idle(&self) {
        if self.limiter.len() >= self.remove_at.load(Ordering::Relaxed) {
            self.limiter.retain_recent();
            self.remove_at.store(MIN_REMOVE_AT.max(2 * self.limiter.len()), Ordering::Relaxed);
        }
    }
}

/// The clock of the tokio runtime, as that of the timeouts: tests can pause it.
struct RuntimeClock {
    started: Instant,
}

impl Clock for RuntimeClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

const MIN_REMOVE_AT: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    fn rate(per_second: u32, burst: u32) -> TenantRate {
        let positive = |number| NonZeroU32::new(number).expect("not zero");
        TenantRate::new(Quota::per_second(positive(per_second)).allow_burst(positive(burst)))
    }

    /// How many calls in a row are within the rate.
    fn calls(rate: &TenantRate, tenant: &str) -> usize {
        let tenant = TenantKey::new(tenant);
        std::iter::from_fn(|| rate.check(&tenant).ok()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_has_a_burst_and_then_its_rate() {
        let rate = rate(10, 20);
        assert_eq!(calls(&rate, "a"), 20);
        assert_eq!(rate.check(&TenantKey::new("a")), Err(Duration::from_millis(100)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(calls(&rate, "a"), 10);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(calls(&rate, "a"), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn tenants_have_rates_of_their_own() {
        let rate = rate(10, 20);
        assert_eq!((calls(&rate, "a"), calls(&rate, "b"), calls(&rate, "a")), (20, 20, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn tenants_that_call_no_more_are_removed() {
        let rate = rate(10, 20);
        for second in 0..100 {
            for tenant in 0..50 {
                assert_eq!(rate.check(&TenantKey::new(format!("{second}/{tenant}"))), Ok(()));
            }
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!(rate.limiter.len() <= 2 * MIN_REMOVE_AT, "{} tenants are held", rate.limiter.len());
    }
}
