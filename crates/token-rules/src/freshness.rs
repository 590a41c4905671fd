//! When a token is returned from a cache, and when it is renewed.
//!
//! A token is returned until it ends. Its renewal is due at `refresh_on`; in its last five minutes it is renewed with
//! all attempts, and the caller waits for the new one. A renewal that fails leaves the old token in use, and is
//! tried again after 30 seconds. So is one that brings a token that is due when it arrives.

/// How usable a token is, at one point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Return it. It is not due for renewal, or a renewal failed or brought no newer token less than
    /// [`RETRY_RENEWAL_IN`] seconds ago.
    Fresh,
    /// Return it, and renew it: beside the caller if the cache can, otherwise by one short attempt.
    Due,
    /// Renew it with all attempts before returning one; if that fails, return it until it has ended.
    Ending,
    /// Do not return it.
    Ended,
}

/// The times of a cached token. All are in seconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    expires_on: u64,
    refresh_on: Option<u64>,
    /// No renewal is tried before this.
    retry_on: u64,
}

impl Lifetime {
    /// The lifetime of a token whose renewal is due at `refresh_on`; `None`: five minutes before `expires_on`.
    pub const fn new(expires_on: u64, refresh_on: Option<u64>) -> Self {
        Self { expires_on, refresh_on, retry_on: 0 }
    }

    /// As [`new`](Self::new), for a token that a cache received at `now`. One that is due when it arrives comes from another
    /// cache or a file, which has no newer one yet. One in its last five minutes is asked for again, as the Azure SDKs do.
    pub const fn received(expires_on: u64, refresh_on: Option<u64>, now: u64) -> Self {
        let mut lifetime = Self::new(expires_on, refresh_on);
        if matches!(refresh_on, Some(refresh_on) if refresh_on <= now) {
            lifetime.renewal_failed(now);
        }
        lifetime
    }

    /// When the token ends.
    pub const fn expires_on(&self) -> u64 {
        self.expires_on
    }

    /// How usable the token is at `now`.
    pub const fn freshness(&self, now: u64) -> Freshness {
        let is_ending = self.expires_on.saturating_sub(now) < ENDING_IN;
        let is_due = match self.refresh_on {
            Some(refresh_on) => refresh_on <= now,
            None => false,
        };
        if self.expires_on <= now {
            Freshness::Ended
        } else if !(is_ending || is_due) || self.retry_on > now {
            Freshness::Fresh
        } else if is_ending {
            Freshness::Ending
        } else {
            Freshness::Due
        }
    }

    /// Whether the token has ended at `now`.
    pub const fn has_ended(&self, now: u64) -> bool {
        self.expires_on <= now
    }

    /// Records that a renewal failed at `now`, or brought no newer token.
    pub const fn renewal_failed(&mut self, now: u64) {
        self.retry_on = now.saturating_add(RETRY_RENEWAL_IN);
    }
}

/// When the renewal of a token is due that was issued at `now` and that the service asks to renew after
/// `refresh_in` seconds.
pub const fn refresh_on(refresh_in: u64, expires_on: u64, now: u64) -> u64 {
    let refresh_on = now.saturating_add(refresh_in);
    if refresh_on < expires_on { refresh_on } else { expires_on }
}

/// When the renewal of a managed identity's token is due for which the service gives no `refresh_in`: at half of a
/// lifetime of two hours or more. `None`: not before its last five minutes.
///
/// It is MSAL's rule. Microsoft Entra's own tokens are renewed early only when the response has `refresh_in`.
pub const fn half_life(expires_on: u64, now: u64) -> Option<u64> {
    let lifetime = expires_on.saturating_sub(now);
    if lifetime < LONG_LIFETIME { None } else { Some(now.saturating_add(lifetime / 2)) }
}

/// With less than this left, in seconds, a token is [`Freshness::Ending`] (as in all Azure SDKs).
const ENDING_IN: u64 = 300;
/// From this lifetime on, in seconds, a managed identity's token is due at half of it.
const LONG_LIFETIME: u64 = 7200;
/// How long after a failed renewal the next one is tried, in seconds (as in azure-identity for Python).
pub const RETRY_RENEWAL_IN: u64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn a_token_is_fresh_then_due_then_ending_then_ended() {
        let lifetime = Lifetime::received(NOW + 7200, Some(NOW + 3600), NOW);
        for (now, freshness) in [
            (NOW, Freshness::Fresh),
            (NOW + 3599, Freshness::Fresh),
            (NOW + 3600, Freshness::Due),
            (NOW + 6900, Freshness::Due),
            (NOW + 6901, Freshness::Ending),
            (NOW + 7199, Freshness::Ending),
            (NOW + 7200, Freshness::Ended),
            (u64::MAX, Freshness::Ended),
        ] {
            assert_eq!(lifetime.freshness(now), freshness, "at {now}");
        }
    }

    #[test]
    fn a_token_without_a_renewal_time_is_renewed_in_its_last_five_minutes() {
        let lifetime = Lifetime::received(NOW + 3600, None, NOW);
        assert_eq!(lifetime.freshness(NOW + 3300), Freshness::Fresh);
        assert_eq!(lifetime.freshness(NOW + 3301), Freshness::Ending);
    }

    #[test]
    fn a_failed_renewal_is_tried_again_after_thirty_seconds_and_does_not_prolong_the_token() {
        let mut lifetime = Lifetime::received(NOW + 7200, Some(NOW + 3600), NOW);
        lifetime.renewal_failed(NOW + 3600);
        assert_eq!(lifetime.freshness(NOW + 3629), Freshness::Fresh);
        assert_eq!(lifetime.freshness(NOW + 3630), Freshness::Due);
        lifetime.renewal_failed(NOW + 7190);
        assert_eq!(lifetime.freshness(NOW + 7199), Freshness::Fresh);
        assert_eq!(lifetime.freshness(NOW + 7200), Freshness::Ended);
    }

    #[test]
    fn a_token_that_is_due_when_it_arrives_is_renewed_after_thirty_seconds() {
        let lifetime = Lifetime::received(NOW + 7200, Some(NOW - 1), NOW);
        assert_eq!(lifetime.freshness(NOW), Freshness::Fresh);
        assert_eq!(lifetime.freshness(NOW + 30), Freshness::Due);
    }

    #[test]
    fn a_token_that_is_ending_when_it_arrives_is_asked_for_again() {
        assert_eq!(Lifetime::received(NOW + 299, None, NOW).freshness(NOW), Freshness::Ending);
    }

    #[test]
    fn a_token_is_due_when_the_service_specifies_and_that_of_a_managed_identity_otherwise_at_half_of_a_long_lifetime()
     {
        assert_eq!(half_life(NOW + 7199, NOW), None);
        assert_eq!(half_life(NOW + 7200, NOW), Some(NOW + 3600));
        assert_eq!(refresh_on(1800, NOW + 7200, NOW), NOW + 1800);
        assert_eq!(refresh_on(u64::MAX, NOW + 7200, NOW), NOW + 7200);
    }
}
