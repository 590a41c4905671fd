//! Single-flight: concurrent requests for the same token share one call of the provider.
//!
//! The store holds the cached tokens and the calls in flight. It decides and never waits, so one lock guards it.

use crate::admission::{CallKind, Origin};
use crate::cache::Cache;
use crate::request::TokenKey;
use crate::tenant::TenantKey;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use azure_token_rules::freshness::Freshness;
use azure_token_rules::throttling::Throttled;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How a call of the provider ends.
pub(crate) type Outcome = Result<Arc<AccessToken>, CredentialError>;

/// A point in time, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// Seconds since the Unix epoch.
    pub(crate) unix: u64,
    /// The monotonic clock: the time since the provider was loaded.
    pub(crate) elapsed: Duration,
}

/// Receives an outcome; `None` until then. The channel is closed without one when the call is cancelled.
pub(crate) type Waiter = watch::Receiver<Option<Outcome>>;

/// The cached tokens and the calls in flight.
pub(crate) struct TokenStore {
    cache: Cache,
    in_flight: HashMap<RequestKey, InFlight>,
    /// The errors of services that asked for a wait.
    throttled: Throttled<TokenKey, CredentialError>,
    /// The number of calls that were begun so far.
    begun: u64,
    /// The number of tokens that were stored so far.
    stored: u64,
    /// The value of `stored` when a claims challenge was satisfied, by the keys that had one.
    satisfied: HashMap<TokenKey, u64>,
}

/// A call in flight.
struct InFlight {
    sender: watch::Sender<Option<Outcome>>,
    /// The number of the call.
    id: u64,
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
    /// The tenant whose request began it.
    tenant: TenantKey,
    sender: watch::Sender<Option<Outcome>>,
    /// Its number, which the trace shows.
    pub(crate) id: u64,
    /// The value of [`TokenStore::stored`] when it began.
    began: u64,
}

/// What is done with a request. `T`: the ticket of an admitted call.
#[derive(Debug)]
pub(crate) enum Lookup<T> {
    /// Return the cached token.
    Cached(Arc<AccessToken>),
    /// Return the cached token, and call the provider in the background.
    Renew(Arc<AccessToken>, PendingRequest, T),
    /// Return the error of a service that asked for a wait which is not over.
    Throttled {
        error: CredentialError,
        /// A token to return instead.
        ending: Option<Arc<AccessToken>>,
    },
    /// Return the error of a call that is not admitted.
    Refused {
        error: CredentialError,
        /// A token to return instead.
        ending: Option<Arc<AccessToken>>,
    },
    /// Wait for the call that is in flight.
    Join {
        waiter: Waiter,
        /// A token to return if the call fails.
        ending: Option<Arc<AccessToken>>,
    },
    /// Call the provider, and wait.
    Call {
        pending: PendingRequest,
        ticket: T,
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

impl PendingRequest {
    /// Returns when no caller waits for the call.
    pub(crate) async fn abandoned(&self) {
        self.sender.closed().await;
    }
}

impl TokenStore {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            cache: Cache::new(capacity),
            in_flight: HashMap::new(),
            throttled: Throttled::default(),
            begun: 0,
            stored: 0,
            satisfied: HashMap::new(),
        }
    }

    /// What is done with a request of a tenant at a time. `admit` admits the call that it may need.
    pub(crate) fn lookup<T>(
        &mut self,
        key: &RequestKey,
        tenant: &TenantKey,
        now: Now,
        admit: impl FnOnce(Origin) -> Result<T, CredentialError>,
    ) -> Lookup<T> {
        // A request with claims asks for another token than the cached one, which a resource refused.
        let cached = if key.claims.is_some() { None } else { self.cache.get(&key.token, now.unix) };
        let in_flight = self.in_flight.get(key);
        let kind = if cached.is_some() { CallKind::Renewal } else { CallKind::New };
        let admit = || admit(Origin { kind, tenant: tenant.clone() });
        let throttled = || {
            let (error, remaining) = self.throttled.get(&key.token, now.elapsed)?;
            Some(error.repeated(remaining))
        };
        match (cached, in_flight) {
            (Some((token, Freshness::Fresh)), _) | (Some((token, Freshness::Due)), Some(_)) => {
                Lookup::Cached(token)
            }
            (Some((token, Freshness::Due)), None) if throttled().is_some() => Lookup::Cached(token),
            (Some((token, Freshness::Due)), None) => match admit() {
                Ok(ticket) => Lookup::Renew(token, self.begin(key, tenant), ticket),
                // A later request tries again.
                Err(_) => Lookup::Cached(token),
            },
            (cached, Some(call)) => {
                Lookup::Join { waiter: call.sender.subscribe(), ending: cached.map(|(token, _)| token) }
            }
            (cached, None) => {
                let ending = cached.map(|(token, _)| token);
                if let Some(error) = throttled() {
                    return Lookup::Throttled { error, ending };
                }
                self.call(key, tenant, ending, admit())
            }
        }
    }

    /// Completes a call: stores its token, remembers a wait that the service asked for, and wakes all waiters.
    pub(crate) fn complete(&mut self, pending: PendingRequest, outcome: Outcome, now: Now) {
        let is_invalidated = !self.remove(&pending);
        match &outcome {
            Ok(_) if is_invalidated => {}
            Ok(token) => self.store(&pending, Arc::clone(token), now.unix),
            Err(error) => self.failed(&pending.key, error, now),
        }
        pending.sender.send_replace(Some(outcome));
    }

    /// Cancels a call whose task ended without an outcome.
    pub(crate) fn cancel(&mut self, pending: PendingRequest) {
        self.remove(&pending);
    }

    /// Drops a cached token, and leaves the outcome of calls for it to their callers. Returns whether it was cached.
    pub(crate) fn invalidate(&mut self, key: &TokenKey) -> bool {
        self.in_flight.retain(|request, _| request.token != *key);
        self.cache.remove(key)
    }

    /// Drops all cached tokens.
    pub(crate) fn clear(&mut self) {
        self.cache.clear();
    }

    /// See [`Cache::observe_clock`].
    pub(crate) fn observe_clock(&mut self, unix: u64, elapsed: Duration) -> Now {
        Now { unix: self.cache.observe_clock(unix, elapsed), elapsed }
    }

    /// The numbers of cached tokens and of calls in flight.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.cache.len(), self.in_flight.len())
    }

    fn call<T>(
        &mut self,
        key: &RequestKey,
        tenant: &TenantKey,
        ending: Option<Arc<AccessToken>>,
        admitted: Result<T, CredentialError>,
    ) -> Lookup<T> {
        match admitted {
            Ok(ticket) => {
                let pending = self.begin(key, tenant);
                let waiter = pending.sender.subscribe();
                Lookup::Call { pending, ticket, waiter, ending }
            }
            Err(error) => Lookup::Refused { error, ending },
        }
    }

    fn begin(&mut self, key: &RequestKey, tenant: &TenantKey) -> PendingRequest {
        let sender = watch::Sender::new(None);
        self.begun += 1;
        let (id, began) = (self.begun, self.stored);
        self.in_flight.insert(key.clone(), InFlight { sender: sender.clone(), id });
        PendingRequest { key: key.clone(), tenant: tenant.clone(), sender, id, began }
    }

    /// Removes a call from those in flight. Returns whether it was one of them: it is not after an invalidation.
    fn remove(&mut self, pending: &PendingRequest) -> bool {
        let is_in_flight = self.in_flight.get(&pending.key).is_some_and(|call| call.id == pending.id);
        if is_in_flight {
            self.in_flight.remove(&pending.key);
        }
        is_in_flight
    }

    fn failed(&mut self, key: &RequestKey, error: &CredentialError, now: Now) {
        if let Some(wait) = error.wait() {
            self.throttled.remember(key.token.clone(), error.clone(), wait, now.elapsed);
        }
        // A challenge that cannot be satisfied leaves the cached token's renewal as it is.
        if key.claims.is_none() {
            self.cache.renewal_failed(&key.token, now.unix);
        }
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
        self.cache.put(key.clone(), token, &pending.tenant, now);
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
