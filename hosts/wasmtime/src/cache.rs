//! Tokens, and how long each is good. The rules are those of the provider's own cache; here it outlives
//! every app, and serves all of them.

use crate::request::Key;
use crate::types::AccessToken;
use std::collections::HashMap;
use std::sync::Arc;

/// A bounded map from requests to tokens. Times are seconds since the Unix epoch.
#[derive(Debug)]
pub(crate) struct Cache {
    entries: HashMap<Key, Entry>,
    capacity: usize,
    latest_now: u64,
}

/// What the cache has for a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cached {
    /// A token to hand out.
    Fresh(Arc<AccessToken>),
    /// A token that is good and due to be renewed.
    Due(Arc<AccessToken>),
    /// Nothing to hand out.
    Nothing,
}

#[derive(Debug)]
struct Entry {
    token: Arc<AccessToken>,
    /// When a renewal may be tried again, after one failed.
    retry_on: u64,
}

impl Cache {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), capacity, latest_now: 0 }
    }

    /// Looks a key up.
    pub(crate) fn get(&mut self, key: &Key, now: u64) -> Cached {
        self.watch_clock(now);
        let Some(Entry { token, retry_on }) = self.entries.get(key) else { return Cached::Nothing };
        if !is_good(token, now) {
            Cached::Nothing
        } else if token.refresh_on.is_some_and(|due| due <= now) && *retry_on <= now {
            Cached::Due(Arc::clone(token))
        } else {
            Cached::Fresh(Arc::clone(token))
        }
    }

    /// Keeps a token, and gives up the one that ends first when there is no room.
    pub(crate) fn put(&mut self, key: Key, token: Arc<AccessToken>, now: u64) {
        self.watch_clock(now);
        if !is_good(&token, now) || self.capacity == 0 {
            self.entries.remove(&key);
            return;
        }
        if self.entries.len() >= self.capacity && !self.entries.contains_key(&key) {
            self.make_room(now);
        }
        self.entries.insert(key, Entry { token, retry_on: 0 });
    }

    /// Notes that a renewal failed, so that the next is tried only after a while.
    pub(crate) fn renewal_failed(&mut self, key: &Key, now: u64) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.retry_on = now.saturating_add(RETRY_RENEWAL_IN);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn make_room(&mut self, now: u64) {
        self.entries.retain(|_, entry| is_good(&entry.token, now));
        if self.entries.len() >= self.capacity {
            let first = self.entries.iter().min_by_key(|(_, entry)| entry.token.expires_on);
            if let Some(key) = first.map(|(key, _)| key.clone()) {
                self.entries.remove(&key);
            }
        }
    }

    /// A clock that was set back makes old tokens look young: whatever was kept by it is forgotten.
    fn watch_clock(&mut self, now: u64) {
        if now.saturating_add(MAX_STEP_BACK) < self.latest_now {
            self.entries.clear();
        }
        self.latest_now = now;
    }
}

fn is_good(token: &AccessToken, now: u64) -> bool {
    token.expires_on.saturating_sub(now) >= MARGIN
}

/// A token with less left counts as expired (as in all Azure SDKs), in seconds.
const MARGIN: u64 = 300;
/// After a renewal failed, in seconds (as azure-identity for Python).
const RETRY_RENEWAL_IN: u64 = 30;
/// What time synchronisation may do without our forgetting anything, in seconds.
const MAX_STEP_BACK: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TokenRequest;

    const NOW: u64 = 1_800_000_000;

    fn key(scope: &str) -> Key {
        Key::of(&TokenRequest::new(scope))
    }

    fn token(name: &str, expires_on: u64, refresh_on: Option<u64>) -> Arc<AccessToken> {
        Arc::new(AccessToken::test(name, expires_on, refresh_on))
    }

    #[test]
    fn a_token_is_handed_out_until_five_minutes_before_its_end() {
        let (mut cache, token) = (Cache::new(8), token("AT", NOW + 3600, None));
        cache.put(key("s"), Arc::clone(&token), NOW);
        assert_eq!(cache.get(&key("s"), NOW + 3300), Cached::Fresh(token));
        assert_eq!(cache.get(&key("s"), NOW + 3301), Cached::Nothing);
        assert_eq!(cache.get(&key("t"), NOW + 3300), Cached::Nothing);
    }

    #[test]
    fn a_failed_renewal_is_tried_again_after_thirty_seconds() {
        let (mut cache, token) = (Cache::new(8), token("AT", NOW + 7200, Some(NOW + 3600)));
        cache.put(key("s"), Arc::clone(&token), NOW);
        assert_eq!(cache.get(&key("s"), NOW + 3599), Cached::Fresh(Arc::clone(&token)));
        assert_eq!(cache.get(&key("s"), NOW + 3600), Cached::Due(Arc::clone(&token)));
        cache.renewal_failed(&key("s"), NOW + 3600);
        assert_eq!(cache.get(&key("s"), NOW + 3629), Cached::Fresh(Arc::clone(&token)));
        assert_eq!(cache.get(&key("s"), NOW + 3630), Cached::Due(token));
    }

    #[test]
    fn a_clock_that_is_set_back_forgets_what_was_kept_by_it() {
        let (mut cache, token) = (Cache::new(8), token("AT", NOW + 3600, None));
        cache.put(key("s"), Arc::clone(&token), NOW);
        assert_eq!(cache.get(&key("s"), NOW + 100), Cached::Fresh(Arc::clone(&token)));
        assert_eq!(cache.get(&key("s"), NOW + 40), Cached::Fresh(token));
        assert_eq!(cache.get(&key("s"), NOW - 3600), Cached::Nothing);
        assert_eq!(cache.get(&key("s"), NOW + 100), Cached::Nothing);
    }

    #[test]
    fn the_cache_stays_bounded_and_gives_up_what_ends_first() {
        let mut cache = Cache::new(3);
        for (scope, lives) in [("a", 2000), ("b", 1000), ("c", 3000), ("d", 4000)] {
            cache.put(key(scope), token(scope, NOW + lives, None), NOW);
        }
        assert_eq!(cache.len(), 3);
        assert_eq!(cache.get(&key("b"), NOW), Cached::Nothing);
        assert!(matches!(cache.get(&key("a"), NOW), Cached::Fresh(_)));
    }

    #[test]
    fn a_token_that_is_hardly_good_any_more_is_not_kept() {
        let mut cache = Cache::new(3);
        cache.put(key("a"), token("old", NOW + 3600, None), NOW);
        cache.put(key("a"), token("new", NOW + 299, None), NOW);
        assert_eq!((cache.get(&key("a"), NOW), cache.len()), (Cached::Nothing, 0));
    }

    #[test]
    fn a_cache_without_capacity_keeps_nothing() {
        let mut cache = Cache::new(0);
        cache.put(key("a"), token("AT", NOW + 3600, None), NOW);
        assert_eq!((cache.get(&key("a"), NOW), cache.len()), (Cached::Nothing, 0));
    }
}
