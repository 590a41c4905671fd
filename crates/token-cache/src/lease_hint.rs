//! The lease over a store that has neither compare-and-swap nor expiry: a hint.
//!
//! An instance that wants the lease writes it with a random owner, waits for a moment, and reads it back: of instances that
//! write at about the same time the last one has it. The others look for the record until it is there. A lease saves
//! requests, and nothing depends on it: without one, an instance requests a token itself.
//!
//! An entry is `version (1 byte) | kind (1) | time in milliseconds since the Unix epoch (8) | content`.

use alloc::vec::Vec;

/// What stands in the entry of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseHint {
    /// An instance requests a token.
    Held {
        /// The random name of the instance's attempt.
        owner: Owner,
        /// When it wrote the lease, in milliseconds since the Unix epoch, by its own clock.
        since: u64,
    },
    /// The request brought no token, or none that is newer.
    Failed {
        /// When it ended.
        since: u64,
        /// The failure, encrypted ([`Failure`](crate::failure::Failure)); empty: it is not shared.
        failure: Vec<u8>,
    },
    /// The token is one that is not stored, so it is useless to wait for it.
    NotStored {
        /// When it was received.
        since: u64,
    },
}

/// The random name of an attempt to get the lease.
pub type Owner = [u8; 16];

/// What a lease means to an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is none, or it does not count any more.
    Free,
    /// An instance requests a token: wait for the record.
    Held,
    /// A request brought no token a moment ago. An instance with a usable token returns that one. The others return the
    /// failure if `repeat` has one, and request a token without the lease if it is empty.
    Failed {
        /// The encrypted failure; empty: it is not shared. `None`: it is too old to be repeated, so the lease is free for an
        /// instance without a usable token.
        repeat: Option<Vec<u8>>,
        /// The age of the failure, in milliseconds.
        age: u64,
    },
    /// The token is not stored: request one without the lease.
    NotStored,
}

impl LeaseHint {
    /// Reads an entry; `None`: it is none that this version wrote, and counts as absent.
    pub fn parse(entry: &[u8]) -> Option<Self> {
        let (&[VERSION, kind], rest) = entry.split_first_chunk::<2>()? else { return None };
        let (since, content) = rest.split_first_chunk::<8>()?;
        let since = u64::from_be_bytes(*since);
        match (kind, content) {
            (HELD, owner) => Some(Self::Held { owner: owner.try_into().ok()?, since }),
            (FAILED, failure) => Some(Self::Failed { since, failure: failure.to_vec() }),
            (NOT_STORED, []) => Some(Self::NotStored { since }),
            _ => None,
        }
    }

    /// The entry.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, since, content) = match self {
            Self::Held { owner, since } => (HELD, since, &owner[..]),
            Self::Failed { since, failure } => (FAILED, since, &failure[..]),
            Self::NotStored { since } => (NOT_STORED, since, &[][..]),
        };
        [&[VERSION, kind], &since.to_be_bytes()[..], content].concat()
    }

    /// What the lease means at `now`, in milliseconds since the Unix epoch. `unchanged_for`: for how many milliseconds this
    /// instance has seen the same entry, by its monotonic clock.
    ///
    /// A held lease ends when an instance has seen it unchanged for [`HELD_FOR`] by its own monotonic clock, so that the clocks of
    /// two hosts do not matter. It ends at once when its time differs by more than [`CLOCK_TOLERANCE`] besides: its owner is
    /// gone, or a clock is wrong.
    pub fn standing(&self, now: u64, unchanged_for: u64) -> Standing {
        let age = |since: &u64| now.checked_sub(*since).or_else(|| is_tolerable(*since, now).then_some(0));
        match self {
            Self::Held { since, .. } => {
                let is_recent = age(since).is_some_and(|age| age <= HELD_FOR.saturating_add(CLOCK_TOLERANCE));
                if is_recent && unchanged_for < HELD_FOR { Standing::Held } else { Standing::Free }
            }
            Self::Failed { since, failure } => match age(since) {
                Some(age) if age < FAILURE_REPEATED_FOR => {
                    Standing::Failed { repeat: Some(failure.clone()), age }
                }
                Some(age) if age < RENEWAL_REPEATED_AFTER => Standing::Failed { repeat: None, age },
                _ => Standing::Free,
            },
            Self::NotStored { since } => match age(since) {
                Some(age) if age < NOT_STORED_FOR => Standing::NotStored,
                _ => Standing::Free,
            },
        }
    }
}

/// Whether a time of another host's clock that is ahead of this one's is near enough to it.
fn is_tolerable(ahead: u64, now: u64) -> bool {
    ahead.saturating_sub(now) <= CLOCK_TOLERANCE
}

/// For how many milliseconds the writer of a lease waits before it reads it back. `round_trip`: the duration of its last
/// read, in milliseconds; `random`: a random number.
///
/// An instance that reads a free lease writes its own one round trip later: for as long another one must wait that has
/// written already. The wait is twice that, because stores are not equally fast for all.
pub fn settle(round_trip: u64, random: u64) -> u64 {
    let base = round_trip.saturating_mul(2).clamp(MIN_SETTLE, MAX_SETTLE);
    base.saturating_add(below(random, (base / 2).saturating_add(1)))
}

/// For how many milliseconds an instance that waits for a record waits before it looks again, the `attempt`th time, from 0;
/// `random`: a random number. Exponential backoff with jitter.
pub fn poll(attempt: u32, random: u64) -> u64 {
    let most = FIRST_POLL.saturating_mul(1_u64.checked_shl(attempt).unwrap_or(u64::MAX)).min(MAX_POLL);
    (most / 2).saturating_add(below(random, (most / 2).saturating_add(1)))
}

fn below(random: u64, limit: u64) -> u64 {
    random.checked_rem(limit).unwrap_or_default()
}

/// For how long a lease is held that does not change, in milliseconds.
pub const HELD_FOR: u64 = 2_000;
/// By how much the clocks of two hosts may differ, in milliseconds, for one to respect a lease of the other.
pub const CLOCK_TOLERANCE: u64 = 10_000;
/// For how long a failure is repeated to instances without a usable token, in milliseconds.
pub const FAILURE_REPEATED_FOR: u64 = 2_000;
/// For how long after a failure an instance with a usable token returns that one without a request, in milliseconds.
pub const RENEWAL_REPEATED_AFTER: u64 = 30_000;
/// For how long instances do not wait for a token that is not stored, in milliseconds.
pub const NOT_STORED_FOR: u64 = 60_000;
/// For how long an instance without a usable token waits for others, in milliseconds. Then it requests one itself. The
/// provider's attempts at a service that fails take less than that together (22 seconds).
pub const MAX_WAIT: u64 = 30_000;

const MIN_SETTLE: u64 = 15;
const MAX_SETTLE: u64 = 400;
const FIRST_POLL: u64 = 30;
const MAX_POLL: u64 = 250;

const VERSION: u8 = 1;
const HELD: u8 = 0;
const FAILED: u8 = 1;
const NOT_STORED: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    const NOW: u64 = 1_800_000_000_000;

    fn held(since: u64) -> LeaseHint {
        LeaseHint::Held { owner: [7; 16], since }
    }

    #[test]
    fn a_lease_is_held_until_it_was_seen_unchanged_for_two_seconds() {
        for (since, unchanged_for, standing) in [
            (NOW, 0, Standing::Held),
            (NOW, 1_999, Standing::Held),
            (NOW, 2_000, Standing::Free),
            // The clocks of the two hosts differ.
            (NOW - 12_000, 0, Standing::Held),
            (NOW - 12_001, 0, Standing::Free),
            (NOW + 10_000, 1_999, Standing::Held),
            (NOW + 10_001, 0, Standing::Free),
        ] {
            assert_eq!(held(since).standing(NOW, unchanged_for), standing, "{since} {unchanged_for}");
        }
    }

    #[test]
    fn a_failure_is_repeated_for_two_seconds_and_stops_renewals_for_thirty() {
        let failed = |since| LeaseHint::Failed { since, failure: vec![1] }.standing(NOW, 0);
        let repeated = |age| Standing::Failed { repeat: Some(vec![1]), age };
        assert_eq!(failed(NOW - 1_999), repeated(1_999));
        assert_eq!(failed(NOW + 10_000), repeated(0));
        assert_eq!(failed(NOW - 2_000), Standing::Failed { repeat: None, age: 2_000 });
        assert_eq!(failed(NOW - 29_999), Standing::Failed { repeat: None, age: 29_999 });
        assert_eq!(failed(NOW - 30_000), Standing::Free);
        assert_eq!(failed(NOW + 10_001), Standing::Free);
    }

    #[test]
    fn a_token_that_is_not_stored_is_not_waited_for_during_a_minute() {
        let not_stored = |since| LeaseHint::NotStored { since }.standing(NOW, 0);
        assert_eq!(not_stored(NOW - 59_999), Standing::NotStored);
        assert_eq!(not_stored(NOW - 60_000), Standing::Free);
        assert_eq!(not_stored(NOW + 10_001), Standing::Free);
    }

    #[test]
    fn waits_are_random_and_bounded() {
        let range = |wait: &dyn Fn(u64) -> u64| {
            let waits = (0..1_000).map(wait);
            (waits.clone().min().unwrap_or_default(), waits.max().unwrap_or_default())
        };
        assert_eq!(range(&|random| settle(0, random)), (15, 22));
        assert_eq!(range(&|random| settle(50, random)), (100, 150));
        assert_eq!(range(&|random| settle(u64::MAX, random)), (400, 600));
        assert_eq!(range(&|random| poll(0, random)), (15, 30));
        assert_eq!(range(&|random| poll(2, random)), (60, 120));
        assert_eq!(range(&|random| poll(99, random)), (125, 250));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(owner: [u8; 16], since: u64, failure: Vec<u8>) {
            let leases = [
                LeaseHint::Held { owner, since },
                LeaseHint::Failed { since, failure },
                LeaseHint::NotStored { since },
            ];
            for lease in leases {
                prop_assert_eq!(LeaseHint::parse(&lease.to_bytes()), Some(lease));
            }
        }

        #[test]
        fn any_other_entry_is_none_or_has_a_bounded_effect(entry: Vec<u8>, now: u64) {
            if let Some(lease) = LeaseHint::parse(&entry) {
                prop_assert_eq!(lease.to_bytes(), entry);
                let seen_for_an_hour = lease.standing(now, 3_600_000);
                prop_assert!(seen_for_an_hour != Standing::Held);
            }
        }
    }
}
