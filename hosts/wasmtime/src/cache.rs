//! A bounded map from keys to tokens. When a token is returned and when it is renewed is decided by
//! [`azure_token_rules::freshness`], as in the provider's own cache.

use crate::request::TokenKey;
use crate::tenant::TenantKey;
use crate::types::AccessToken;
use azure_token_rules::clock::ClockGuard;
use azure_token_rules::freshness::{Freshness, Lifetime};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The tokens of one provider. Times are in seconds since the Unix epoch.
#[derive(Debug)]
pub(crate) struct Cache {
    entries: HashMap<TokenKey, Entry>,
    /// The number of tokens, at most.
    capacity: usize,
    clock: ClockGuard,
}

#[derive(Debug)]
struct Entry {
    token: Arc<AccessToken>,
    /// The tenant that filled the entry. Renewals by others do not change it.
    tenant: TenantKey,
    lifetime: Lifetime,
}

impl Cache {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), capacity, clock: ClockGuard::default() }
    }

    /// The token of a key and how fresh it is; `None`: there is none that has not ended.
    pub(crate) fn get(&self, key: &TokenKey, now: u64) -> Option<(Arc<AccessToken>, Freshness)> {
        let Entry { token, lifetime, .. } = self.entries.get(key)?;
        let freshness = lifetime.freshness(now);
        (freshness != Freshness::Ended).then(|| (Arc::clone(token), freshness))
    }

    /// The token of a key, however fresh it is; `None`: there is none.
    pub(crate) fn token(&self, key: &TokenKey) -> Option<Arc<AccessToken>> {
        self.entries.get(key).map(|entry| Arc::clone(&entry.token))
    }

    /// Stores a token of a tenant. When the cache is full, the token replaces one of the tenant
    /// that has the most: of those, the one that ends first.
    pub(crate) fn put(
        &mut self,
        key: TokenKey,
        token: Arc<AccessToken>,
        lifetime: Lifetime,
        tenant: &TenantKey,
        now: u64,
    ) {
        if lifetime.has_ended(now) || self.capacity == 0 {
            self.entries.remove(&key);
            return;
        }
        if let Some(entry) = self.entries.get_mut(&key) {
            (entry.token, entry.lifetime) = (token, lifetime);
            return;
        }
        if self.entries.len() >= self.capacity {
            self.make_room(tenant, now);
        }
        self.entries.insert(key, Entry { token, tenant: tenant.clone(), lifetime });
    }

    /// Records that a renewal failed, so that the next one is tried only after a while.
    pub(crate) fn renewal_failed(&mut self, key: &TokenKey, now: u64) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.lifetime.renewal_failed(now);
        }
    }

    /// Drops a token. Returns whether there was one.
    pub(crate) fn remove(&mut self, key: &TokenKey) -> bool {
        self.entries.remove(key).is_some()
    }

    /// Drops all tokens.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// The number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Reads the wall clock (`now`) and the monotonic clock (`elapsed`), and clears the cache when the wall clock was set
    /// back. Returns the time to be used in all other calls; see [`ClockGuard`].
    pub(crate) fn observe_clock(&mut self, now: u64, elapsed: Duration) -> u64 {
        let observation = self.clock.observe(now, elapsed);
        if observation.was_set_back {
            self.entries.clear();
        }
        observation.now
    }

    /// Makes room for a token of a tenant.
    fn make_room(&mut self, tenant: &TenantKey, now: u64) {
        self.entries.retain(|_, entry| !entry.lifetime.has_ended(now));
        if self.entries.len() < self.capacity {
            return;
        }
        // With the token that is to be stored, so that a tenant at the same number as others evicts its own.
        let mut held = HashMap::from([(tenant, 1_usize)]);
        self.entries.values().for_each(|entry| *held.entry(&entry.tenant).or_default() += 1);
        let rank = |entry: &Entry| (held.get(&entry.tenant).copied(), Reverse(entry.lifetime.expires_on()));
        let evicted = self.entries.iter().max_by_key(|(_, entry)| rank(entry)).map(|(key, _)| key.clone());
        if let Some(key) = evicted {
            self.entries.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TokenRequest;

    const NOW: u64 = 1_800_000_000;

    fn key(scope: &str) -> TokenKey {
        TokenKey::of(&TokenRequest::new(scope))
    }

    fn token(name: &str, expires_on: u64, refresh_on: Option<u64>) -> Arc<AccessToken> {
        Arc::new(AccessToken::test(name, expires_on, refresh_on))
    }

    fn put(cache: &mut Cache, tenant: &str, scope: &str, lives: u64) {
        let lifetime = Lifetime::received(NOW + lives, None, NOW);
        cache.put(key(scope), token(scope, NOW + lives, None), lifetime, &TenantKey::new(tenant), NOW);
    }

    fn freshness(cache: &Cache, scope: &str, now: u64) -> Option<Freshness> {
        cache.get(&key(scope), now).map(|(_, freshness)| freshness)
    }

    #[test]
    fn a_token_is_returned_until_it_ends() {
        let mut cache = Cache::new(8);
        put(&mut cache, "x", "s", 3600);
        assert_eq!(freshness(&cache, "s", NOW + 3300), Some(Freshness::Fresh));
        assert_eq!(freshness(&cache, "s", NOW + 3301), Some(Freshness::Ending));
        cache.renewal_failed(&key("s"), NOW + 3301);
        assert_eq!(freshness(&cache, "s", NOW + 3302), Some(Freshness::Fresh));
        assert_eq!(freshness(&cache, "s", NOW + 3600), None);
        assert_eq!(freshness(&cache, "t", NOW), None);
    }

    #[test]
    fn a_clock_that_is_set_back_clears_the_cache() {
        let mut cache = Cache::new(8);
        assert_eq!(cache.observe_clock(NOW, Duration::ZERO), NOW);
        put(&mut cache, "x", "s", 86_400);
        let now = cache.observe_clock(NOW + 40, Duration::from_secs(100));
        assert_eq!((now, cache.len()), (NOW + 100, 1), "a small step");
        // Set back by an hour, and not used for two.
        let now = cache.observe_clock(NOW + 3600, Duration::from_secs(7200));
        assert_eq!((now, cache.len()), (NOW + 3600, 0));
    }

    #[test]
    fn the_cache_stays_bounded_and_removes_the_token_that_ends_first() {
        let mut cache = Cache::new(3);
        for (scope, lives) in [("a", 2000), ("b", 1000), ("c", 3000), ("d", 4000)] {
            put(&mut cache, "x", scope, lives);
        }
        assert_eq!(cache.len(), 3);
        assert_eq!(freshness(&cache, "b", NOW), None);
        assert_eq!(freshness(&cache, "a", NOW), Some(Freshness::Fresh));
    }

    #[test]
    fn a_full_cache_evicts_the_token_that_ends_first_of_the_tenant_that_has_the_most() {
        let mut cache = Cache::new(4);
        for (tenant, scope, lives) in
            [("good", "g", 100), ("hostile", "a", 3000), ("hostile", "b", 2000), ("hostile", "c", 4000)]
        {
            put(&mut cache, tenant, scope, lives);
        }
        for (tenant, scope, kept) in
            [("hostile", "d", "acdg"), ("new", "n", "cdgn"), ("hostile", "e", "degn")]
        {
            put(&mut cache, tenant, scope, 5000);
            let all = ["a", "b", "c", "d", "e", "g", "n"].into_iter();
            assert_eq!(all.filter(|scope| cache.get(&key(scope), NOW).is_some()).collect::<String>(), kept);
        }
    }

    #[test]
    fn a_tenant_that_renews_a_token_of_another_does_not_get_its_entry() {
        let mut cache = Cache::new(2);
        put(&mut cache, "good", "g", 100);
        put(&mut cache, "hostile", "g", 200);
        put(&mut cache, "hostile", "a", 1000);
        put(&mut cache, "hostile", "b", 1000);
        assert_eq!((freshness(&cache, "a", NOW), cache.len()), (None, 2));
        assert!(cache.get(&key("g"), NOW).is_some());
    }

    #[test]
    fn a_token_that_has_ended_is_not_stored_and_removes_its_predecessor() {
        let mut cache = Cache::new(3);
        put(&mut cache, "x", "a", 3600);
        put(&mut cache, "x", "a", 0);
        assert_eq!((freshness(&cache, "a", NOW), cache.len()), (None, 0));
    }

    #[test]
    fn a_cache_without_capacity_stores_nothing() {
        let mut cache = Cache::new(0);
        put(&mut cache, "x", "a", 3600);
        assert_eq!((freshness(&cache, "a", NOW), cache.len()), (None, 0));
    }
}
