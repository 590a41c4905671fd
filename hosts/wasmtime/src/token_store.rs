//! Single-flight: concurrent requests for the same token share one call of the provider.
//!
//! The store holds the cached tokens and the calls in flight. It decides and never waits, so one lock guards it.

use crate::cache::Cache;
use crate::request::TokenKey;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use azure_token_rules::freshness::Freshness;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How a call of the provider ends.
pub(crate) type Outcome = Result<Arc<AccessToken>, CredentialError>;

/// Receives an outcome; `None` until then. The channel is closed without one when the call is cancelled.
pub(crate) type Waiter = watch::Receiver<Option<Outcome>>;

/// The cached tokens and the calls in flight.
pub(crate) struct TokenStore {
    cache: Cache,
    in_flight: HashMap<RequestKey, Waiter>,
    /// The number of tokens that were stored so far.
    stored: u64,
    /// The value of `stored` when a claims challenge was satisfied, by the keys that had one.
    satisfied: HashMap<TokenKey, u64>,
}

/// What identifies a call of the provider: the token's key, and the claims challenge if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RequestKey {
    pub(crate) token: TokenKey,
    claims: Option<String>,
}

/// A call of the provider in flight. Its owner either [`complete`](TokenStore::complete)s or
/// [`cancel`](TokenStore::cancel)s it.
#[derive(Debug)]
pub(crate) struct PendingRequest {
    pub(crate) key: RequestKey,
    sender: watch::Sender<Option<Outcome>>,
    /// The value of [`TokenStore::stored`] when it began.
    began: u64,
}

/// What is done with a request.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// Return the cached token.
    Cached(Arc<AccessToken>),
    /// Return the cached token, and call the provider in the background.
    Renew(Arc<AccessToken>, PendingRequest),
    /// Wait for the call that is in flight.
    Join {
        waiter: Waiter,
        /// A token to return if the call fails.
        ending: Option<Arc<AccessToken>>,
    },
    /// Call the provider, and wait.
    Call {
        pending: PendingRequest,
        waiter: Waiter,
        /// A token to return if the call fails.
        ending: Option<Arc<AccessToken>>,
    },
}

impl RequestKey {
    pub(crate) fn of(request: &TokenRequest) -> Self {
        Self { token: TokenKey::of(request), claims: request.claims.clone() }
    }
}

impl TokenStore {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { cache: Cache::new(capacity), in_flight: HashMap::new(), stored: 0, satisfied: HashMap::new() }
    }

    /// What is done with a request. `now` is in seconds since the Unix epoch, here and below.
    pub(crate) fn lookup(&mut self, key: &RequestKey, now: u64) -> Lookup {
        // A request with claims asks for another token than the cached one, which a resource refused.
        let cached = if key.claims.is_some() { None } else { self.cache.get(&key.token, now) };
        let in_flight = self.in_flight.get(key);
        match (cached, in_flight) {
            (Some((token, Freshness::Fresh)), _) | (Some((token, Freshness::Due)), Some(_)) => {
                Lookup::Cached(token)
            }
            (Some((token, Freshness::Due)), None) => Lookup::Renew(token, self.begin(key).0),
            (cached, Some(waiter)) => {
                Lookup::Join { waiter: waiter.clone(), ending: cached.map(|(token, _)| token) }
            }
            (cached, None) => {
                let (pending, waiter) = self.begin(key);
                Lookup::Call { pending, waiter, ending: cached.map(|(token, _)| token) }
            }
        }
    }

    /// Completes a call: stores its token, and wakes all waiters.
    pub(crate) fn complete(
        &mut self,
        pending: PendingRequest,
        outcome: Result<AccessToken, CredentialError>,
        now: u64,
    ) {
        let outcome = outcome.map(Arc::new);
        match &outcome {
            Ok(token) => self.store(&pending, Arc::clone(token), now),
            // A challenge that cannot be satisfied leaves the cached token's renewal as it is.
            Err(_) if pending.key.claims.is_none() => self.cache.renewal_failed(&pending.key.token, now),
            Err(_) => {}
        }
        self.in_flight.remove(&pending.key);
        pending.sender.send_replace(Some(outcome));
    }

    /// Cancels a call whose task ended without an outcome.
    pub(crate) fn cancel(&mut self, pending: PendingRequest) {
        self.in_flight.remove(&pending.key);
    }

    /// See [`Cache::observe_clock`].
    pub(crate) fn observe_clock(&mut self, now: u64, elapsed: Duration) -> u64 {
        self.cache.observe_clock(now, elapsed)
    }

    /// The numbers of cached tokens and of calls in flight.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.cache.len(), self.in_flight.len())
    }

    fn begin(&mut self, key: &RequestKey) -> (PendingRequest, Waiter) {
        let (sender, waiter) = watch::channel(None);
        self.in_flight.insert(key.clone(), waiter.clone());
        (PendingRequest { key: key.clone(), sender, began: self.stored }, waiter)
    }

    fn store(&mut self, pending: &PendingRequest, token: Arc<AccessToken>, now: u64) {
        let key = &pending.key.token;
        // Every instance of the provider has a cache of its own: it may not know of a challenge that another instance
        // satisfied since, or may still have the token from before the last renewal.
        let is_outdated = pending.key.claims.is_none()
            && self.cache.get(key, now).is_some_and(|(cached, _)| {
                self.satisfied.get(key).is_some_and(|satisfied| *satisfied > pending.began)
                    || token.expires_on < cached.expires_on
            });
        if is_outdated {
            return self.cache.renewal_failed(key, now);
        }
        self.stored += 1;
        if pending.key.claims.is_some() {
            self.note_satisfied(key);
        }
        self.cache.put(key.clone(), token, now);
    }

    /// Records that a claims challenge was satisfied, for calls of the same key that began earlier and are in flight.
    fn note_satisfied(&mut self, key: &TokenKey) {
        let (in_flight, satisfied) = (&self.in_flight, &mut self.satisfied);
        satisfied.retain(|key, _| in_flight.keys().any(|request| request.token == *key));
        satisfied.insert(key.clone(), self.stored);
    }
}

#[cfg(test)]
mod tests;
