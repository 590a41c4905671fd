//! What a record of a store is worth to a request.

use crate::claims::ClaimsHash;
use crate::record::Record;
use crate::renewal::{self, CLOCK_MARGIN};
use azure_token_rules::freshness::{Freshness, Lifetime};

/// What is done with the record of a store. Times are in seconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// Return its token.
    Return(Record),
    /// Its renewal is due: the host that gets the lease requests a new one, and all others return this one.
    Renew(Record),
    /// Request a token. If that fails, return this one, if there is one: it has not ended by this host's clock.
    Request(Option<Record>),
}

impl Use {
    /// What is done with the record of a store at `now`. `claims`: the challenge of the request; `refused`: the token that the
    /// caller is known to have had, if the request has claims.
    ///
    /// The clocks of two hosts may differ by [`CLOCK_MARGIN`]: a record counts as ending that much earlier, and one from further
    /// in the future is not used.
    ///
    /// A record answers a challenge that it satisfied, so that a fleet whose tokens were revoked requests one; but not for longer
    /// than [`CHALLENGE_ANSWERED_FOR`], and not if it is the very token that was refused.
    pub fn of(record: Option<Record>, claims: Option<&ClaimsHash>, refused: Option<&str>, now: u64) -> Self {
        let is_from_future = |record: &Record| record.issued_on > now.saturating_add(CLOCK_MARGIN);
        let Some(record) = record.filter(|record| record.expires_on > now && !is_from_future(record)) else {
            return Self::Request(None);
        };
        if let Some(claims) = claims {
            let age = now.saturating_sub(record.issued_on);
            let answers = record.satisfied.as_ref() == Some(claims)
                && age < CHALLENGE_ANSWERED_FOR
                && refused != Some(record.token.as_str());
            // The token that was refused is no way out when the request fails.
            return if answers { Self::Return(record) } else { Self::Request(None) };
        }
        match lifetime(&record).freshness(now) {
            Freshness::Fresh => Self::Return(record),
            Freshness::Due => Self::Renew(record),
            Freshness::Ending | Freshness::Ended => Self::Request(Some(record)),
        }
    }
}

/// The lifetime of a record of another host, whose clock may differ.
pub fn lifetime(record: &Record) -> Lifetime {
    let due_on = renewal::due_on(record.refresh_on, record.issued_on, record.expires_on);
    Lifetime::new(record.expires_on.saturating_sub(CLOCK_MARGIN), Some(due_on))
}

/// For how many seconds after it was issued a token answers the challenge that it satisfied.
pub const CHALLENGE_ANSWERED_FOR: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::vec::Vec;

    const NOW: u64 = 1_800_000_000;

    fn record(satisfied: Option<ClaimsHash>) -> Record {
        let (token, token_type, source) = ("t".to_owned(), "Bearer".to_owned(), "test".to_owned());
        let (expires_on, refresh_on) = (NOW + 7200, Some(NOW + 3600));
        Record {
            token,
            token_type,
            expires_on,
            refresh_on,
            source,
            details: Vec::new(),
            issued_on: NOW,
            satisfied,
        }
    }

    #[test]
    fn a_record_is_returned_then_renewed_then_kept_for_failures_then_dropped() {
        let of = |now| Use::of(Some(record(None)), None, None, now);
        for (now, expected) in [
            (NOW - CLOCK_MARGIN - 1, Use::Request(None)),
            (NOW - CLOCK_MARGIN, Use::Return(record(None))),
            (NOW + 3599, Use::Return(record(None))),
            (NOW + 3600, Use::Renew(record(None))),
            (NOW + 7200 - CLOCK_MARGIN - 300, Use::Renew(record(None))),
            (NOW + 7201 - CLOCK_MARGIN - 300, Use::Request(Some(record(None)))),
            (NOW + 7199, Use::Request(Some(record(None)))),
            (NOW + 7200, Use::Request(None)),
        ] {
            assert_eq!(of(now), expected, "at {now}");
        }
        assert_eq!(Use::of(None, None, None, NOW), Use::Request(None));
    }

    #[test]
    fn a_record_answers_the_challenge_that_it_satisfied_for_five_minutes() {
        let (one, other) = (ClaimsHash::of("{\"a\":1}"), ClaimsHash::of("{\"a\":2}"));
        let of = |satisfied, refused, now| Use::of(Some(record(satisfied)), Some(&one), refused, now);
        assert_eq!(of(Some(one), None, NOW + 299), Use::Return(record(Some(one))));
        assert_eq!(of(Some(one), Some("older"), NOW), Use::Return(record(Some(one))));
        for (satisfied, refused, now) in [
            (Some(one), None, NOW + 300),
            (Some(one), Some("t"), NOW),
            (Some(other), None, NOW),
            (None, None, NOW),
        ] {
            assert_eq!(of(satisfied, refused, now), Use::Request(None), "{satisfied:?} {refused:?} {now}");
        }
    }

    #[test]
    fn a_request_without_claims_gets_the_token_that_satisfied_a_challenge() {
        let satisfied = record(Some(ClaimsHash::of("{}")));
        assert_eq!(Use::of(Some(satisfied.clone()), None, None, NOW), Use::Return(satisfied));
    }
}
