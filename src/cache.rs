//! The token cache of one credential, in the memory of the instance.
//!
//! Each credential has a cache of its own, so no credential can return the token of another one. The key is
//! therefore made of the request alone: its tenant, its set of scopes, and CAE ([`TokenRequest::key`]).

use crate::prelude::*;
use crate::request::{RawRequest, TokenRequest};
use crate::token::AccessToken;
use azure_token_rules::clock::ClockGuard;
use azure_token_rules::freshness::{Freshness, Lifetime};
use core::cell::{Cell, RefCell};
use core::time::Duration;
use sha2::{Digest, Sha256};

/// A bounded map from requests to tokens.
#[derive(Debug, Default)]
pub struct Cache {
    /// Sorted by key. A binary search is ten comparisons at most, and a hash map would be 4 KB of code (docs/decisions.md).
    entries: RefCell<Vec<Entry>>,
    clock: Cell<ClockGuard>,
}

/// The token that the cache has for a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Cached {
    /// A token to return.
    Fresh(AccessToken),
    /// A valid token that is due for renewal.
    Due(AccessToken),
    /// A token in its last minutes, to be returned only when a renewal fails.
    Ending(AccessToken),
    /// The cache has no token to return.
    Nothing,
}

#[derive(Debug)]
struct Entry {
    key: u64,
    request: TokenRequest,
    token: AccessToken,
    lifetime: Lifetime,
}

impl Cache {
    /// Looks a request up. `now` is in seconds since the Unix epoch.
    pub fn get(&self, request: &TokenRequest, now: u64) -> Cached {
        // A claims challenge means that the service no longer accepts the cached token.
        if request.claims().is_some() {
            return Cached::Nothing;
        }
        let entries = self.entries.borrow();
        let found = find(&entries, request.key(), |cached| cached.same_token(request));
        let Some(entry) = found.and_then(|index| entries.get(index)) else {
            return Cached::Nothing;
        };
        match entry.lifetime.freshness(now) {
            Freshness::Fresh => Cached::Fresh(entry.token.clone()),
            Freshness::Due => Cached::Due(entry.token.clone()),
            Freshness::Ending => Cached::Ending(entry.token.clone()),
            Freshness::Ended => Cached::Nothing,
        }
    }

    /// The fresh token of a request that is spelled as the one that fetched it; `None`: parse the request, and
    /// [look it up](Self::get). It needs no parser, because it is equal to a request that the parser accepted.
    pub fn get_spelled(&self, raw: &RawRequest, is_for_resource: bool, now: u64) -> Option<AccessToken> {
        let entries = self.entries.borrow();
        let found = find(&entries, raw.key(is_for_resource), |cached| cached.is_spelled(raw));
        let entry = entries.get(found?)?;
        (entry.lifetime.freshness(now) == Freshness::Fresh).then(|| entry.token.clone())
    }

    /// The SHA-256, in hexadecimal, of the token that a service must have refused if the request has a claims challenge; `None`: there is none with at
    /// least five minutes left. The caller names no token, so it is the cached one, as for MSAL.
    pub fn refused(&self, request: &TokenRequest, now: u64) -> Option<String> {
        request.claims()?;
        let entries = self.entries.borrow();
        let found = find(&entries, request.key(), |cached| cached.same_token(request));
        let entry = entries.get(found?)?;
        let is_valid = matches!(entry.lifetime.freshness(now), Freshness::Fresh | Freshness::Due);
        let hash = || Sha256::digest(entry.token.token.expose().as_bytes());
        is_valid.then(|| hash().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Caches a token for a request, and for every other one with the [same token](TokenRequest::same_token).
    pub fn put(&self, request: TokenRequest, token: AccessToken, now: u64) {
        let mut entries = self.entries.borrow_mut();
        let lifetime = Lifetime::received(token.expires_on, token.refresh_on, now);
        let token = AccessToken { from_cache: true, ..token };
        let key = request.key();
        if let Some(index) = find(&entries, key, |cached| cached.same_token(&request)) {
            entries.remove(index);
        } else if entries.len() >= MAX_ENTRIES {
            let soonest = entries.iter().enumerate().min_by_key(|(_, entry)| entry.token.expires_on);
            if let Some((index, _)) = soonest {
                entries.remove(index);
            }
        }
        let index = entries.partition_point(|entry| entry.key < key);
        entries.insert(index, Entry { key, request, token, lifetime });
    }

    /// Notes that a renewal failed, so that the next one is not tried at once.
    pub fn renewal_failed(&self, request: &TokenRequest, now: u64) {
        let mut entries = self.entries.borrow_mut();
        let found = find(&entries, request.key(), |cached| cached.same_token(request));
        if let Some(entry) = found.and_then(|index| entries.get_mut(index)) {
            entry.lifetime.renewal_failed(now);
        }
    }

    /// Reads the monotonic clock (`elapsed`) and, once in a second of it, the wall clock (`now`); clears the cache when
    /// the wall clock was set back. Returns the time to be used for [`get`](Self::get); see [`ClockGuard`].
    pub fn observe_clock(&self, elapsed: Duration, now: impl FnOnce() -> u64) -> u64 {
        let mut clock = self.clock.get();
        let observation = clock.observe_each_second(elapsed, now);
        self.clock.set(clock);
        if observation.was_set_back {
            self.entries.borrow_mut().clear();
        }
        observation.now
    }
}

/// The index of an entry with this key whose request is the same. Keys are hashes, so two requests may have the
/// same one.
fn find(entries: &[Entry], key: u64, is_same: impl Fn(&TokenRequest) -> bool) -> Option<usize> {
    let first = entries.partition_point(|entry| entry.key < key);
    let mut with_key = entries.iter().skip(first).take_while(|entry| entry.key == key);
    with_key.position(|entry| is_same(&entry.request)).map(|place| first.saturating_add(place))
}

/// A token is 1 to 4 KiB, so this is a few MiB at the most.
const MAX_ENTRIES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::Scope;
    use crate::request::RawRequest;
    use alloc::rc::Rc;

    const NOW: u64 = 1_800_000_000;
    /// The SHA-256 of `old`.
    const OLD: &str = "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4";

    fn request(scope: &str) -> TokenRequest {
        TokenRequest::for_scope(Scope::parse(scope).expect("a scope"))
    }

    fn raw(scopes: &[&str]) -> RawRequest {
        RawRequest { scopes: scopes.iter().map(ToString::to_string).collect(), ..Default::default() }
    }

    fn token(name: &str, expires_on: u64, refresh_on: Option<u64>) -> AccessToken {
        AccessToken {
            token: name.into(),
            token_type: "Bearer".into(),
            expires_on,
            refresh_on,
            source: "test",
            details: Rc::default(),
            from_cache: true,
        }
    }

    #[test]
    fn a_token_is_fresh_until_five_minutes_before_its_expiry() {
        let (cache, token) = (Cache::default(), token("AT", NOW + 3600, None));
        cache.put(request("s"), token.clone(), NOW);
        assert_eq!(cache.get(&request("s"), NOW + 3300), Cached::Fresh(token.clone()));
        assert_eq!(cache.get(&request("s"), NOW + 3301), Cached::Ending(token.clone()));
        assert_eq!(cache.get(&request("t"), NOW + 3301), Cached::Nothing);
        cache.renewal_failed(&request("s"), NOW + 3590);
        assert_eq!(cache.get(&request("s"), NOW + 3599), Cached::Fresh(token));
        assert_eq!(cache.get(&request("s"), NOW + 3600), Cached::Nothing, "it has expired");
    }

    #[test]
    fn a_request_with_the_hash_of_another_does_not_get_its_token() {
        let cache = Cache::default();
        let (token, request_of_token) = (token("AT", NOW + 3600, None), request("s"));
        let lifetime = Lifetime::received(NOW + 3600, None, NOW);
        let entry = Entry { key: request("t").key(), request: request_of_token, token, lifetime };
        cache.entries.borrow_mut().push(entry);
        assert_eq!(cache.get(&request("t"), NOW), Cached::Nothing);
        assert_eq!(cache.get_spelled(&raw(&["t"]), false, NOW), None);
    }

    #[test]
    fn a_request_that_is_spelled_as_the_one_before_gets_its_token_unparsed_while_it_is_fresh() {
        let (cache, token) = (Cache::default(), token("AT", NOW + 7200, Some(NOW + 3600)));
        let with_tenant = |scopes| RawRequest { tenant_id: Some("t".into()), ..raw(scopes) };
        cache.put(TokenRequest::parse(with_tenant(&["a", "b"])).expect("well-formed"), token.clone(), NOW);
        let get = |raw: &RawRequest, now| cache.get_spelled(raw, false, now);
        assert_eq!(get(&with_tenant(&["a", "b"]), NOW), Some(token));
        assert_eq!(get(&with_tenant(&["a", "b"]), NOW + 3600), None, "it is due");
        for other in [
            raw(&["a", "b"]),
            with_tenant(&["b", "a"]),
            with_tenant(&["a"]),
            with_tenant(&["a", "b", "c"]),
            RawRequest { tenant_id: Some("T".into()), ..raw(&["a", "b"]) },
            RawRequest { enable_cae: true, ..with_tenant(&["a", "b"]) },
        ] {
            assert_eq!(get(&other, NOW), None, "{other:?}");
        }
    }

    #[test]
    fn a_token_that_is_due_when_it_is_issued_is_renewed_after_thirty_seconds() {
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
    fn a_request_with_claims_is_not_served_from_the_cache_and_its_token_replaces_the_cached_one() {
        let cache = Cache::default();
        cache.put(request("s"), token("old", NOW + 3600, None), NOW);
        let with_claims =
            RawRequest { scopes: vec!["s".into()], claims: Some("{}".into()), ..Default::default() };
        let with_claims = TokenRequest::parse(with_claims).expect("well-formed");
        assert_eq!(cache.get(&with_claims, NOW), Cached::Nothing);
        assert_eq!(cache.refused(&with_claims, NOW + 3300), Some(OLD.to_owned()));
        assert_eq!(cache.refused(&with_claims, NOW + 3301), None, "it has less than five minutes left");
        assert_eq!(cache.refused(&request("s"), NOW), None, "nothing was refused");
        cache.put(with_claims, token("new", NOW + 3600, None), NOW);
        assert_eq!(cache.get(&request("s"), NOW), Cached::Fresh(token("new", NOW + 3600, None)));
    }

    /// The cached token after the wall clock and the monotonic clock have moved by these seconds.
    fn at(cache: &Cache, day: i64, elapsed: u64) -> Cached {
        let now = NOW.saturating_add_signed(day);
        cache.observe_clock(Duration::from_secs(elapsed), || now);
        cache.get(&request("s"), now)
    }

    fn cache_with(token: &AccessToken) -> Cache {
        let cache = Cache::default();
        cache.observe_clock(Duration::ZERO, || NOW);
        cache.put(request("s"), token.clone(), NOW);
        cache
    }

    #[test]
    fn a_clock_that_is_set_back_clears_the_cache() {
        let token = token("AT", NOW + 3600, None);
        let cache = cache_with(&token);
        assert_eq!(at(&cache, 100, 100), Cached::Fresh(token.clone()));
        assert_eq!(
            at(&cache, 41, 101),
            Cached::Fresh(token.clone()),
            "time synchronisation sets the clock back by a few seconds"
        );
        assert_eq!(at(&cache, -3600, 102), Cached::Nothing);
        assert_eq!(at(&cache, 103, 103), Cached::Nothing);
        let cache = cache_with(&token);
        assert_eq!(at(&cache, 1000, 3500), Cached::Nothing, "also when it is noticed late");
    }

    #[test]
    fn many_small_steps_back_count_as_a_large_one() {
        let token = token("AT", NOW + 3600, None);
        let cache = cache_with(&token);
        assert_eq!(at(&cache, -50, 0), Cached::Fresh(token));
        assert_eq!(at(&cache, -100, 0), Cached::Nothing);
    }

    #[test]
    fn the_cache_is_bounded_and_drops_the_token_that_expires_first() {
        let cache = Cache::default();
        let count = MAX_ENTRIES as u64 + 1;
        for i in 0..count {
            cache.put(request(&format!("s{i}")), token("AT", NOW + 1000 + i, None), NOW);
        }
        assert_eq!(cache.entries.borrow().len(), MAX_ENTRIES);
        assert_eq!(cache.get(&request("s0"), NOW), Cached::Nothing);
        assert!(matches!(cache.get(&request("s1"), NOW), Cached::Fresh(_)));
    }

    #[test]
    fn of_tokens_that_expire_at_once_a_full_cache_drops_one() {
        let cache = Cache::default();
        for i in 0..=MAX_ENTRIES {
            cache.put(request(&format!("s{i}")), token("AT", NOW + 1000, None), NOW);
        }
        assert_eq!(cache.entries.borrow().len(), MAX_ENTRIES);
    }
}
