//! Tokens, and how long each is good. The rules are those of the provider's own cache; here it outlives
//! every app, and serves all of them.

use crate::request::Key;
use crate::types::AccessToken;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A bounded map from requests to tokens. Times are seconds since the Unix epoch.
#[derive(Debug)]
pub(crate) struct Cache {
    entries: HashMap<Key, Entry>,
    capacity: usize,
    /// By how much the time of day was ahead of the clock that nobody sets, at the most, in seconds.
    furthest_ahead: u64,
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
        Self { entries: HashMap::new(), capacity, furthest_ahead: 0 }
    }

    /// Looks a key up.
    pub(crate) fn get(&mut self, key: &Key, now: u64) -> Cached {
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

    /// A clock that was set back makes old tokens look young: whatever was kept by it is forgotten. `elapsed` is by
    /// the clock that nobody sets: the two together show it however late, and small steps add up. To be called
    /// before anything else is asked; the answer is how late it is at the latest.
    pub(crate) fn watch_clock(&mut self, now: u64, elapsed: Duration) -> u64 {
        let ahead = now.saturating_sub(elapsed.as_secs());
        if ahead.saturating_add(MAX_STEP_BACK) < self.furthest_ahead {
            self.entries.clear();
            self.furthest_ahead = ahead;
        } else {
            self.furthest_ahead = self.furthest_ahead.max(ahead);
        }
        self.furthest_ahead.saturating_add(elapsed.as_secs()).max(now)
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
        let mut get = |now: u64, elapsed: u64| {
            let now = cache.watch_clock(now, Duration::from_secs(elapsed));
            cache.get(&key("s"), now)
        };
        assert_eq!(get(NOW, 0), Cached::Fresh(Arc::clone(&token)));
        assert_eq!(get(NOW + 100, 100), Cached::Fresh(Arc::clone(&token)));
        assert_eq!(get(NOW + 140, 200), Cached::Fresh(Arc::clone(&token)), "a small step");
        assert_eq!(get(NOW + 3239, 3299), Cached::Fresh(token), "it is later than the clock says");
        assert_eq!(get(NOW + 3241, 3301), Cached::Nothing);
        assert_eq!(get(NOW + 3100, 3302), Cached::Nothing, "small steps add up");
        assert_eq!(get(NOW + 3239, 3302), Cached::Nothing, "what was forgotten does not come back");
    }

    #[test]
    fn a_clock_that_was_set_back_is_noticed_however_late() {
        let (mut cache, token) = (Cache::new(8), token("AT", NOW + 86_400, None));
        let now = cache.watch_clock(NOW, Duration::ZERO);
        cache.put(key("s"), token, now);
        // Set back by an hour, and nobody asked for two.
        let now = cache.watch_clock(NOW + 3600, Duration::from_secs(7200));
        assert_eq!(cache.get(&key("s"), now), Cached::Nothing);
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
