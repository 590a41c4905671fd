//! When an instance begins a renewal that is due for the whole fleet: not all at the same second.

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

/// In seconds.
const MAX_DELAY: u64 = 120;

#[cfg(test)]
mod tests {
    use super::*;

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
