//! What becomes of a call that ends.

use super::{Now, PendingRequest, TokenStore};
use crate::request::TokenKey;
use crate::shared_cache::Obtained;
use crate::types::CredentialError;
use std::sync::Arc;

impl TokenStore {
    /// Completes a call: stores its token, remembers a wait that the service asked for, and wakes all waiters.
    pub(crate) fn complete(
        &mut self,
        pending: PendingRequest,
        outcome: Result<Obtained, CredentialError>,
        now: Now,
    ) {
        let is_invalidated = !self.remove(&pending);
        match &outcome {
            Ok(_) if is_invalidated => {}
            Ok(obtained) => self.store(&pending, obtained, now),
            Err(error) => self.failed(&pending, error, now),
        }
        pending.sender.send_replace(Some(outcome.map(|obtained| obtained.token)));
    }

    /// Cancels a call whose task ended without an outcome.
    pub(crate) fn cancel(&mut self, pending: PendingRequest) {
        self.remove(&pending);
    }

    /// Removes a call from those in flight. Returns whether it was one of them: it is not after an invalidation.
    fn remove(&mut self, pending: &PendingRequest) -> bool {
        let is_in_flight = self.in_flight.get(&pending.key).is_some_and(|call| call.id == pending.id);
        if is_in_flight {
            self.in_flight.remove(&pending.key);
        }
        is_in_flight
    }

    fn failed(&mut self, pending: &PendingRequest, error: &CredentialError, now: Now) {
        let key = &pending.key;
        self.remember_wait(&key.token, error, now);
        if let Some(invalidated) = &mut self.second_level
            && pending.demand.is_invalidated
        {
            invalidated.insert(key.token.clone());
        }
        // A challenge that cannot be satisfied leaves the cached token's renewal as it is.
        if key.claims.is_none() {
            self.cache.renewal_failed(&key.token, now.unix);
        }
    }

    /// Remembers for how long the service that caused an error asks for no further request.
    fn remember_wait(&mut self, key: &TokenKey, error: &CredentialError, now: Now) {
        if let Some(wait) = error.wait() {
            self.throttled.remember(key.clone(), error.clone(), wait, now.elapsed);
        }
    }

    fn store(&mut self, pending: &PendingRequest, obtained: &Obtained, now: Now) {
        let (key, token) = (&pending.key.token, &obtained.token);
        if let Some(error) = &obtained.failure {
            self.remember_wait(key, error, now);
        }
        let now = now.unix;
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
        self.cache.put(key.clone(), Arc::clone(token), obtained.lifetime, &pending.tenant, now);
    }

    /// Records that a claims challenge was satisfied, for calls of the same key that began earlier and are in flight.
    fn note_satisfied(&mut self, key: &TokenKey) {
        let (in_flight, satisfied) = (&self.in_flight, &mut self.satisfied);
        satisfied.retain(|key, _| in_flight.keys().any(|request| request.token == *key));
        satisfied.insert(key.clone(), self.stored);
    }
}
