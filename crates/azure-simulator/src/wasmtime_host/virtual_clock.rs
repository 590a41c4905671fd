//! One clock for everything: the guest's wall clock, its monotonic clock, its sleeps and the simulated Azure follow
//! tokio's clock. A test pauses it, and then a day passes as soon as every task waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

/// The clock of a guest and of the simulated Azure, which follows tokio's. Clones show the same time.
///
/// ```
/// use azure_simulator::wasmtime_host::VirtualClock;
/// use std::time::Duration;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// // In a test with #[tokio::test(start_paused = true)]:
/// let clock = VirtualClock::simulated();
/// let start = clock.now();
/// clock.advance(Duration::from_secs(86_400)).await; // returns at once
/// assert_eq!(clock.now(), start + 86_400);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClock {
    started: Instant,
    wall_at_start: Duration,
    /// The sum of all jumps of the wall clock, in milliseconds; they do not affect the monotonic clock.
    jumped: Arc<AtomicI64>,
}

impl VirtualClock {
    /// A clock that starts at 2027-01-15T08:00:00Z, in the current runtime.
    pub fn simulated() -> Self {
        Self::simulated_from(EPOCH)
    }

    /// A clock that starts so many seconds after the Unix epoch, in the current runtime.
    pub fn simulated_from(seconds: u64) -> Self {
        Self::starting_at(Duration::from_secs(seconds))
    }

    /// A clock that shows the real time.
    pub fn real() -> Self {
        Self::starting_at(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// The time of day, in seconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        self.wall().as_secs()
    }

    /// The time since the clock started; jumps do not affect it.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// A clock that shows the same time and jumps independently.
    pub fn apart(&self) -> Self {
        let jumped = Arc::new(AtomicI64::new(self.jumped.load(Ordering::Relaxed)));
        Self { jumped, ..self.clone() }
    }

    /// Sets the wall clock forward or back by so many seconds; no time passes. The provider reads the wall clock once in a second
    /// of the monotonic clock.
    pub fn jump(&self, seconds: i64) {
        self.jumped.fetch_add(seconds.saturating_mul(1000), Ordering::Relaxed);
    }

    /// Lets a duration pass: at once, and every timer that ends in it fires at its time.
    ///
    /// # Panics
    /// When tokio's clock is not paused, because the duration would pass in real time. `#[tokio::test(start_paused = true)]`
    /// pauses it.
    pub async fn advance(&self, duration: Duration) {
        // Moves nothing, and panics unless the clock is paused.
        tokio::time::advance(Duration::ZERO).await;
        tokio::time::sleep(duration).await;
    }

    /// A clock that starts at a time since the Unix epoch, in the current runtime.
    pub fn starting_at(wall_at_start: Duration) -> Self {
        Self { started: Instant::now(), wall_at_start, jumped: Arc::default() }
    }

    fn wall(&self) -> Duration {
        let jumped = self.jumped.load(Ordering::Relaxed);
        let time = self.wall_at_start + self.elapsed();
        let size = Duration::from_millis(jumped.unsigned_abs());
        if jumped < 0 { time.saturating_sub(size) } else { time + size }
    }
}

impl crate::clock::Clock for VirtualClock {
    fn now(&self) -> u64 {
        VirtualClock::now(self)
    }
}

impl HostWallClock for VirtualClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        self.wall()
    }
}

impl HostMonotonicClock for VirtualClock {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        self.elapsed().as_nanos() as u64
    }
}

/// 2027-01-15T08:00:00Z, the start of every simulated clock.
pub const EPOCH: u64 = 1_800_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_day_passes_at_once_on_a_paused_clock() {
        let (clock, real) = (VirtualClock::simulated(), std::time::Instant::now());
        clock.advance(Duration::from_secs(86_400)).await;
        assert_eq!(VirtualClock::now(&clock), EPOCH + 86_400);
        assert!(real.elapsed() < Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_jump_changes_the_wall_clock_alone() {
        let clock = VirtualClock::simulated();
        clock.jump(-3600);
        assert_eq!((VirtualClock::now(&clock), clock.elapsed()), (EPOCH - 3600, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn clones_show_the_same_time_from_any_start() {
        let clock = VirtualClock::simulated_from(100);
        let clone = clock.clone();
        clock.jump(60);
        clone.advance(Duration::from_millis(1500)).await;
        for clock in [&clock, &clone] {
            assert_eq!((VirtualClock::now(clock), clock.elapsed()), (161, Duration::from_millis(1500)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_independent_clock_jumps_alone() {
        let clock = VirtualClock::simulated();
        let other = clock.apart();
        other.jump(60);
        clock.advance(Duration::from_secs(1)).await;
        assert_eq!((VirtualClock::now(&clock), VirtualClock::now(&other)), (EPOCH + 1, EPOCH + 61));
    }

    #[tokio::test(start_paused = true)]
    async fn no_jump_goes_before_the_epoch() {
        let clock = VirtualClock::simulated();
        clock.jump(i64::MIN);
        assert_eq!(VirtualClock::now(&clock), 0);
    }
}
