//! When the renewal of a shared token is due, and how the hosts of a fleet spread it.

/// When the renewal of a shared token is due, in seconds since the Unix epoch.
///
/// A token without `refresh_on` is due two minutes before it counts as ending on another host, which is fifteen minutes before
/// its end: so one host renews it while all still use it. A token of less than 34 minutes is due at half of its lifetime.
pub const fn due_on(refresh_on: Option<u64>, issued_on: u64, expires_on: u64) -> u64 {
    if let Some(refresh_on) = refresh_on {
        return refresh_on;
    }
    let half = expires_on.saturating_sub(issued_on) / 2;
    expires_on.saturating_sub(if half < DUE_IN { half } else { DUE_IN })
}

/// By how many seconds an instance delays a renewal that is due at `refresh_on`; `random` is a random number, one for each token
/// and instance.
///
/// The delay is spread over a tenth of the time in which the renewal may happen, and two minutes at most. The first
/// instance renews, and the others find its token when their turn comes.
pub const fn delay(refresh_on: u64, expires_on: u64, random: u64) -> u64 {
    let window = expires_on.saturating_sub(refresh_on) / 10;
    let window = if window < MAX_DELAY { window } else { MAX_DELAY };
    match random.checked_rem(window.saturating_add(1)) {
        Some(delay) => delay,
        None => 0,
    }
}

/// By how many seconds the clocks of two hosts may differ: five minutes each, to either side.
pub const CLOCK_MARGIN: u64 = 600;
/// In seconds. Together with the two minutes of [`DUE_IN`], a delayed renewal ends before the token does on another host.
const MAX_DELAY: u64 = 120;
/// The margin for clocks, the five minutes in which a token is ending (`azure_token_rules::freshness`), and two minutes for the
/// renewal. In seconds.
const DUE_IN: u64 = CLOCK_MARGIN + 300 + 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_without_a_renewal_time_is_due_seventeen_minutes_before_its_end() {
        assert_eq!(due_on(Some(5), 0, 3600), 5);
        assert_eq!(due_on(None, 0, 3600), 3600 - 1020);
        assert_eq!(due_on(None, 0, 2040), 1020);
        assert_eq!(due_on(None, 0, 600), 300);
    }

    #[test]
    fn renewals_are_spread_over_a_tenth_of_their_time_and_two_minutes_at_most() {
        assert_eq!((0..1000).map(|random| delay(3600, 7200, random)).max(), Some(120));
        assert_eq!((0..1000).map(|random| delay(3600, 4200, random)).max(), Some(60));
        assert_eq!((0..1000).map(|random| delay(3600, 3600, random)).max(), Some(0));
        assert_eq!(delay(7200, 3600, 5), 0);
        let halves = (0..1000).filter(|random| delay(3600, 7200, *random) < 60).count();
        assert!((450..550).contains(&halves), "{halves}");
    }
}
