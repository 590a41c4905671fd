//! The requests that no client can do without.

use std::time::Duration;

/// When the service's tokens end and when their renewal is due, in seconds after they are issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// `expires_in` of a response.
    pub expires_in: u64,
    /// `refresh_in` of a response.
    pub refresh_in: u64,
}

/// The number of requests for tokens of so many keys that are always in use, of a client that needs one request for each
/// and renews none before it is due: keys × (1 + renewals).
///
/// The first request is at the start, and each renewal `refresh_in` after the one before, so that renewals are the whole
/// times that `refresh_in` fits into the duration; one at the very end does not count.
pub fn requests(keys: usize, length: Duration, lifetimes: Lifetimes) -> u64 {
    keys as u64 * (1 + renewals(length, lifetimes))
}

/// The number of renewals of one key.
pub fn renewals(length: Duration, lifetimes: Lifetimes) -> u64 {
    length.as_secs().saturating_sub(1) / lifetimes.refresh_in.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_requested_once_and_then_whenever_it_is_due() {
        let lifetimes = Lifetimes { expires_in: 7200, refresh_in: 3600 };
        for (seconds, expected) in [(1, 20), (3600, 20), (3601, 40), (86_400, 480)] {
            assert_eq!(requests(20, Duration::from_secs(seconds), lifetimes), expected, "{seconds} s");
        }
    }
}
