//! Tokens of one credential, in the instance's memory.
//!
//! The cache belongs to its credential, so identity, authority and secret are no part of the key:
//! no handle can ever be answered with another handle's token. What is left is what a request says:
//! tenant, set of scopes, CAE ([`TokenRequest::key`]).

use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::AccessToken;
use core::cell::{Cell, RefCell};
use core::time::Duration;

/// A bounded map from requests to tokens.
#[derive(Debug, Default)]
pub struct Cache {
    /// In the order of their keys. A search is ten comparisons at the most, and code for more is bytes.
    entries: RefCell<Vec<Entry>>,
    /// By how much the time of day was ahead of the clock that nobody sets, at the most, in seconds.
    furthest_ahead: Cell<u64>,
}

/// What the cache has for a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Cached {
    /// A token to hand out.
    Fresh(AccessToken),
    /// A token that is good and due to be renewed.
    Due(AccessToken),
    /// A token with so little left that it is handed out only when no other can be had.
    Ending(AccessToken),
    /// Nothing to hand out.
    Nothing,
}

#[derive(Debug)]
struct Entry {
    key: u64,
    request: TokenRequest,
    token: AccessToken,
    /// When a renewal may be tried again, after one failed.
    retry_on: u64,
}

impl Cache {
    /// Looks a request up. `now` is in seconds since the Unix epoch.
    pub fn get(&self, request: &TokenRequest, now: u64) -> Cached {
        // A challenge says that the token we have is no longer good enough.
        if request.claims().is_some() {
            return Cached::Nothing;
        }
        let entries = self.entries.borrow();
        let Ok(index) = find(&entries, request.key()) else {
            return Cached::Nothing;
        };
        let Some(entry) = entries.get(index).filter(|entry| entry.request.same_token(request)) else {
            return Cached::Nothing;
        };
        let token = &entry.token;
        let is_ending = token.expires_on.saturating_sub(now) < MARGIN;
        let is_due = is_ending || token.refresh_on.is_some_and(|due| due <= now);
        if token.expires_on <= now {
            Cached::Nothing
        } else if !is_due || entry.retry_on > now {
            Cached::Fresh(token.clone())
        } else if is_ending {
            Cached::Ending(token.clone())
        } else {
            Cached::Due(token.clone())
        }
    }

    /// Keeps a token for a request and all that ask for the same.
    pub fn put(&self, request: TokenRequest, token: AccessToken, now: u64) {
        let mut entries = self.entries.borrow_mut();
        // What comes due already, from a file or a cache before this one, is not to be had fresher at once.
        let is_due = token.refresh_on.is_some_and(|due| due <= now);
        let retry_on = if is_due { now.saturating_add(RETRY_RENEWAL_IN) } else { 0 };
        let entry = Entry { key: request.key(), request, token, retry_on };
        if let Ok(index) = find(&entries, entry.key) {
            entries.remove(index);
        } else if entries.len() >= MAX_ENTRIES {
            let soonest = entries.iter().map(|entry| entry.token.expires_on).min().unwrap_or(now);
            entries.retain(|entry| entry.token.expires_on > soonest);
        }
        let index = find(&entries, entry.key).unwrap_or_else(|index| index);
        entries.insert(index, entry);
    }

    /// Notes that a renewal failed, so that the next is tried only after a while.
    pub fn renewal_failed(&self, request: &TokenRequest, now: u64) {
        let mut entries = self.entries.borrow_mut();
        let found = find(&entries, request.key());
        if let Some(entry) = found.ok().and_then(|index| entries.get_mut(index)) {
            entry.retry_on = now.saturating_add(RETRY_RENEWAL_IN);
        }
    }

    /// A time of day that was set back makes old tokens look young: whatever was kept by it is forgotten.
    /// `elapsed` is by the clock that nobody sets; only the two together show it, however much time has
    /// passed since. To be called before [`get`](Self::get), which takes the answer: how late it is at the
    /// latest, because small steps back are not worth forgetting anything.
    pub fn watch_clock(&self, now: u64, elapsed: Duration) -> u64 {
        let ahead = now.saturating_sub(elapsed.as_secs());
        // Not the last time but the furthest: many small steps back are a large one.
        let furthest = self.furthest_ahead.get();
        if ahead.saturating_add(MAX_STEP_BACK) < furthest {
            self.entries.borrow_mut().clear();
            self.furthest_ahead.set(ahead);
        } else {
            self.furthest_ahead.set(furthest.max(ahead));
        }
        self.furthest_ahead.get().saturating_add(elapsed.as_secs()).max(now)
    }
}

/// Where a key is, or where it would have to be.
fn find(entries: &[Entry], key: u64) -> Result<usize, usize> {
    entries.binary_search_by_key(&key, |entry| entry.key)
}

/// With less left a token has to be renewed (as in all Azure SDKs), in seconds.
const MARGIN: u64 = 300;
/// After a renewal failed, in seconds (as azure-identity for Python).
const RETRY_RENEWAL_IN: u64 = 30;
/// What time synchronisation may do without our forgetting anything, in seconds.
const MAX_STEP_BACK: u64 = 60;
/// A token is 1 to 4 KiB, so this is a few MiB at the most.
const MAX_ENTRIES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::Scope;
    use crate::request::RawRequest;

    const NOW: u64 = 1_800_000_000;

    fn request(scope: &str) -> TokenRequest {
        TokenRequest::for_scope(Scope::parse(scope).expect("a scope"))
    }

    fn token(name: &str, expires_on: u64, refresh_on: Option<u64>) -> AccessToken {
        AccessToken {
            token: name.into(),
            token_type: "Bearer".into(),
            expires_on,
            refresh_on,
            source: "test",
        }
    }

    #[test]
    fn a_token_is_handed_out_until_five_minutes_before_its_end() {
        let (cache, token) = (Cache::default(), token("AT", NOW + 3600, None));
        cache.put(request("s"), token.clone(), NOW);
        assert_eq!(cache.get(&request("s"), NOW + 3300), Cached::Fresh(token.clone()));
        assert_eq!(cache.get(&request("s"), NOW + 3301), Cached::Ending(token.clone()));
        assert_eq!(cache.get(&request("t"), NOW + 3301), Cached::Nothing);
        cache.renewal_failed(&request("s"), NOW + 3590);
        assert_eq!(cache.get(&request("s"), NOW + 3599), Cached::Fresh(token));
        assert_eq!(cache.get(&request("s"), NOW + 3600), Cached::Nothing, "it has ended");
    }

    #[test]
    fn what_comes_due_already_is_asked_for_again_after_thirty_seconds() {
        let cache = Cache::default();
        cache.put(request("s"), token("AT", NOW + 7200, Some(NOW - 1)), NOW);
        assert_eq!(cache.get(&request("s"), NOW), Cached::Fresh(token("AT", NOW + 7200, Some(NOW - 1))));
        assert_eq!(cache.get(&request("s"), NOW + 30), Cached::Due(token("AT", NOW + 7200, Some(NOW - 1))));
    }

    #[test]
    fn a_failed_renewal_is_tried_again_after_thirty_seconds() {
        let (cache, token) = (Cache::default(), token("AT", NOW + 7200, Some(NOW + 3600)));
        cache.put(request("s"), token.clone(), NOW);
        assert_eq!(cache.get(&request("s"), NOW + 3599), Cached::Fresh(token.clone()));
        assert_eq!(cache.get(&request("s"), NOW + 3600), Cached::Due(token.clone()));
        cache.renewal_failed(&request("s"), NOW + 3600);
        assert_eq!(cache.get(&request("s"), NOW + 3629), Cached::Fresh(token.clone()));
        assert_eq!(cache.get(&request("s"), NOW + 3630), Cached::Due(token));
    }

    #[test]
    fn a_request_with_claims_is_never_answered_and_its_answer_replaces() {
        let cache = Cache::default();
        cache.put(request("s"), token("old", NOW + 3600, None), NOW);
        let with_claims =
            RawRequest { scopes: vec!["s".into()], claims: Some("{}".into()), ..Default::default() };
        let with_claims = TokenRequest::parse(with_claims).expect("well-formed");
        assert_eq!(cache.get(&with_claims, NOW), Cached::Nothing);
        cache.put(with_claims, token("new", NOW + 3600, None), NOW);
        assert_eq!(cache.get(&request("s"), NOW), Cached::Fresh(token("new", NOW + 3600, None)));
    }

    /// What the cache has when the time of day and the clock that nobody sets have moved by so many seconds.
    fn at(cache: &Cache, day: i64, elapsed: u64) -> Cached {
        let now = NOW.saturating_add_signed(day);
        cache.watch_clock(now, Duration::from_secs(elapsed));
        cache.get(&request("s"), now)
    }

    fn kept(token: &AccessToken) -> Cache {
        let cache = Cache::default();
        cache.watch_clock(NOW, Duration::ZERO);
        cache.put(request("s"), token.clone(), NOW);
        cache
    }

    #[test]
    fn a_clock_that_is_set_back_forgets_what_was_kept_by_it() {
        let token = token("AT", NOW + 3600, None);
        let cache = kept(&token);
        assert_eq!(at(&cache, 100, 100), Cached::Fresh(token.clone()));
        assert_eq!(at(&cache, 41, 101), Cached::Fresh(token.clone()), "as time synchronisation does");
        assert_eq!(at(&cache, -3600, 102), Cached::Nothing);
        assert_eq!(at(&cache, 103, 103), Cached::Nothing);
        let cache = kept(&token);
        assert_eq!(at(&cache, 1000, 3500), Cached::Nothing, "however late it is noticed");
    }

    #[test]
    fn many_small_steps_back_are_a_large_one() {
        let token = token("AT", NOW + 3600, None);
        let cache = kept(&token);
        assert_eq!(at(&cache, -50, 0), Cached::Fresh(token));
        assert_eq!(at(&cache, -100, 0), Cached::Nothing);
    }

    #[test]
    fn the_cache_stays_bounded_and_gives_up_what_ends_first() {
        let cache = Cache::default();
        let count = MAX_ENTRIES as u64 + 1;
        for i in 0..count {
            cache.put(request(&format!("s{i}")), token("AT", NOW + 1000 + i, None), NOW);
        }
        assert_eq!(cache.entries.borrow().len(), MAX_ENTRIES);
        assert_eq!(cache.get(&request("s0"), NOW), Cached::Nothing);
        assert!(matches!(cache.get(&request("s1"), NOW), Cached::Fresh(_)));
    }
}
