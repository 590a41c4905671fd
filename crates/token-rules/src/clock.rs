//! Guards a cache against a wall clock that is set back, after which old tokens look young.

use core::time::Duration;

/// Compares the wall clock with the monotonic clock.
///
/// A step back shows however late it is noticed, because the two clocks are compared as they stand and not as they
/// changed since the last call.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClockGuard {
    /// By how much the wall clock was ahead of the monotonic clock, at most, in seconds.
    max_lead: u64,
}

/// What the two clocks show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Upper bound of the current time, allowing for backward clock steps, in seconds since the Unix epoch. Use it
    /// as the current time.
    pub now: u64,
    /// Whether the wall clock was set back by more than time synchronisation does. Clear the cache then: its times are
    /// those of the clock before.
    pub was_set_back: bool,
}

impl ClockGuard {
    /// Reads the clocks: `now` is the wall clock's time in seconds since the Unix epoch, `elapsed` the monotonic
    /// clock's since any fixed point. Call it before each use of the cache.
    pub const fn observe(&mut self, now: u64, elapsed: Duration) -> Observation {
        let lead = now.saturating_sub(elapsed.as_secs());
        // Compared with the maximum and not with the last value: many small steps back are a large one.
        let was_set_back = lead.saturating_add(MAX_STEP_BACK) < self.max_lead;
        if was_set_back || lead > self.max_lead {
            self.max_lead = lead;
        }
        let bound = self.max_lead.saturating_add(elapsed.as_secs());
        Observation { now: if bound > now { bound } else { now }, was_set_back }
    }
}

/// How far time synchronisation may set the clock back before the cache is cleared, in seconds.
const MAX_STEP_BACK: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    /// What a guard observes at each of these times of the wall clock and the monotonic clock, relative to [`NOW`].
    fn observe<const N: usize>(times: [(i64, u64); N]) -> [(u64, bool); N] {
        let mut guard = ClockGuard::default();
        times.map(|(now, elapsed)| {
            let now = NOW.saturating_add_signed(now);
            let Observation { now, was_set_back } = guard.observe(now, Duration::from_secs(elapsed));
            (now - NOW.min(now), was_set_back)
        })
    }

    #[test]
    fn a_small_step_back_changes_nothing_and_the_time_goes_on() {
        assert_eq!(
            observe([(0, 0), (100, 100), (41, 101), (140, 200)]),
            [(0, false), (100, false), (101, false), (200, false)]
        );
    }

    #[test]
    fn a_large_step_back_is_noticed_once_however_late() {
        assert_eq!(observe([(0, 0), (3600, 7200), (3601, 7201)]), [(0, false), (3600, true), (3601, false)]);
    }

    #[test]
    fn many_small_steps_back_count_as_a_large_one() {
        assert_eq!(observe([(100, 0), (50, 0), (0, 0)]), [(100, false), (100, false), (0, true)]);
    }

    #[test]
    fn a_step_forward_is_the_time() {
        assert_eq!(observe([(0, 0), (86_400, 10)]), [(0, false), (86_400, false)]);
    }
}
