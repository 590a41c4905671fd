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
    /// The monotonic clock when the wall clock was last read.
    read_at: Duration,
    /// The upper bound of the time then; 0: the wall clock was not read yet.
    read: u64,
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
        let now = if bound > now { bound } else { now };
        (self.read_at, self.read) = (elapsed, now);
        Observation { now, was_set_back }
    }

    /// As [`observe`](Self::observe), but reads the wall clock by `now` only when a second or more has passed on the
    /// monotonic clock since it was last read. In between the upper bound is the last one and a second.
    ///
    /// A step of the wall clock, and the time that a machine was suspended, show a second of the monotonic clock
    /// later at most. If that clock shows the same time as before, or an earlier one, the wall clock is read: no stuck clock keeps a
    /// token alive.
    ///
    /// ```
    /// use azure_token_rules::clock::ClockGuard;
    /// use core::time::Duration;
    ///
    /// let (mut guard, start) = (ClockGuard::default(), Duration::from_secs(7));
    /// assert_eq!(guard.observe_each_second(start, || 1_800_000_000).now, 1_800_000_000);
    /// let soon = start + Duration::from_millis(999);
    /// assert_eq!(guard.observe_each_second(soon, || unreachable!("it is not read")).now, 1_800_000_001);
    /// assert_eq!(guard.observe_each_second(start + Duration::from_secs(1), || 1_800_003_600).now, 1_800_003_600);
    /// ```
    pub fn observe_each_second(&mut self, elapsed: Duration, now: impl FnOnce() -> u64) -> Observation {
        let is_recent = elapsed > self.read_at && elapsed < self.read_at.saturating_add(MAX_AGE);
        if is_recent && self.read != 0 {
            // The clocks are read in whole seconds, so less than a second may have become the next one.
            return Observation { now: self.read.saturating_add(1), was_set_back: false };
        }
        self.observe(now(), elapsed)
    }
}

/// For how long the wall clock is not read again.
const MAX_AGE: Duration = Duration::from_secs(1);
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

    /// What a guard observes that reads the wall clock each second, at each of these milliseconds of the monotonic
    /// clock: the time and whether the wall clock was set back; and whether it was read. The wall clock is relative to [`NOW`].
    fn observe_each_second<const N: usize>(times: [(i64, u64); N]) -> [(i64, bool, bool); N] {
        let mut guard = ClockGuard::default();
        times.map(|(now, elapsed)| {
            let mut was_read = false;
            let read = || {
                was_read = true;
                NOW.saturating_add_signed(now)
            };
            let seen = guard.observe_each_second(Duration::from_millis(elapsed), read);
            (seen.now as i64 - NOW as i64, seen.was_set_back, was_read)
        })
    }

    #[test]
    fn the_wall_clock_is_read_once_in_a_second_of_the_monotonic_clock() {
        assert_eq!(
            observe_each_second([(0, 5500), (0, 5501), (0, 6499), (1, 6500), (1, 7499), (10, 15_000)]),
            [
                (0, false, true),
                (1, false, false),
                (1, false, false),
                (1, false, true),
                (2, false, false),
                (10, false, true)
            ]
        );
    }

    #[test]
    fn no_time_is_earlier_than_the_wall_clock_that_was_not_read() {
        // The wall clock of a machine whose seconds begin at any millisecond of the monotonic clock's.
        for offset in 0..1000 {
            let mut guard = ClockGuard::default();
            for elapsed in (0..5000).step_by(37) {
                let wall = NOW + (elapsed + offset) / 1000;
                let seen = guard.observe_each_second(Duration::from_millis(elapsed), || wall);
                assert!((wall..=wall + 1).contains(&seen.now), "at {elapsed} ms, offset {offset}: {seen:?}");
            }
        }
    }

    #[test]
    fn a_step_in_either_direction_is_noticed_within_a_second_of_the_monotonic_clock() {
        assert_eq!(
            observe_each_second([(0, 0), (3600, 999), (3600, 1000)]),
            [(0, false, true), (1, false, false), (3600, false, true)]
        );
        assert_eq!(
            observe_each_second([(0, 0), (-3600, 999), (-3600, 1000)]),
            [(0, false, true), (1, false, false), (-3600, true, true)]
        );
    }

    #[test]
    fn the_time_that_a_machine_was_suspended_is_noticed_within_a_second_of_running_time() {
        // The monotonic clock of Linux stands still meanwhile.
        assert_eq!(
            observe_each_second([(0, 100), (28_800, 101), (28_801, 1100)]),
            [(0, false, true), (1, false, false), (28_801, false, true)]
        );
    }

    #[test]
    fn a_monotonic_clock_that_stands_still_or_goes_back_has_the_wall_clock_read_each_time() {
        assert_eq!(
            observe_each_second([(0, 500), (60, 500), (7200, 500), (7300, 400)]),
            [(0, false, true), (60, false, true), (7200, false, true), (7300, false, true)]
        );
    }
}
