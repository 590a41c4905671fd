//! The tokens of an instance, and single-flight: concurrent requests for the same token share one call of the provider.
//!
//! When a token is returned and when it is renewed is decided by [`azure_token_rules::freshness`], as in the provider's own
//! cache. A token that is due is returned at once while one task renews it. In its last five minutes requests wait for
//! the renewal, and it is returned if that fails. The provider is called in a task of its own
//! ([`azure_token_rules::single_flight`]), so a cancelled request takes the token from no other one.

use crate::prelude::*;
use alloc::rc::Rc;
use azure_token_rules::clock::ClockGuard;
use azure_token_rules::freshness::{Freshness, Lifetime};
use azure_token_rules::single_flight::{CompletionGuard, InFlight, PendingRequest};
use core::cell::{Cell, RefCell};
use core::time::Duration;

/// The provider of tokens, and what the store needs besides: clocks and tasks.
pub trait TokenProvider: Clone + 'static {
    /// Fetches a token. The error is a message for people, without secrets.
    fn get_token(&self, request: &TokenRequest) -> impl Future<Output = Result<Token, String>>;

    /// The time of the wall clock, in seconds since the Unix epoch. It may be set back.
    fn now(&self) -> u64;

    /// The time of the monotonic clock, since any fixed point.
    fn elapsed(&self) -> Duration;

    /// Runs a task until it is done, also if the caller is cancelled.
    fn spawn(&self, task: impl Future<Output = ()> + 'static);
}

/// A request for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// Which token.
    pub key: TokenKey,
    /// The claims challenge that the token must satisfy, as JSON text; `None`: there is none. A request with claims is
    /// not answered with the token that is stored, and its token replaces that one.
    pub claims: Option<String>,
}

/// What identifies a stored token. Claims change with every challenge and are no part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKey {
    /// The scope.
    pub scope: String,
    /// The tenant; `None`: the provider's own.
    pub tenant: Option<String>,
    /// Whether the token may be one that can be revoked at once (continuous access evaluation).
    pub enable_cae: bool,
}

/// A token. The component's allocator overwrites its memory when it is dropped.
pub struct Token {
    /// The token itself. **Secret.**
    pub secret: String,
    /// When it ends, in seconds since the Unix epoch.
    pub expires_on: u64,
    /// When its renewal is due, in seconds since the Unix epoch; `None`: five minutes before it ends.
    pub refresh_on: Option<u64>,
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Token").field("expires_on", &self.expires_on).finish_non_exhaustive()
    }
}

/// Why there is no token, for people and without secrets.
pub type Failure = Rc<str>;

type Outcome = Result<Rc<Token>, Failure>;

/// The tokens of an instance. A clone is the same store.
#[derive(Clone, Default)]
pub struct TokenStore(Rc<Tables>);

#[derive(Default)]
struct Tables {
    entries: RefCell<Vec<Entry>>,
    in_flight: InFlight<TokenRequest, Outcome>,
    clock: Cell<ClockGuard>,
}

impl TokenStore {
    /// Returns the stored token or the provider's.
    ///
    /// `refused` is the token that a service refused, if one did: it is not returned again, but another one that was
    /// stored meanwhile is. Concurrent calls share one call of the provider. A failure is returned to all calls that
    /// waited for it, and to those within the same second.
    ///
    /// # Errors
    /// The provider's failure, when no stored token is left that has not ended.
    pub async fn get(
        &self,
        provider: &impl TokenProvider,
        request: &TokenRequest,
        refused: Option<&Rc<Token>>,
    ) -> Outcome {
        loop {
            let now = self.observe_clock(provider);
            let ending = match self.with_entry(&request.key, |entry| entry.lookup(now, request, refused)) {
                Lookup::Return(outcome) => return outcome,
                Lookup::Renew(token) => {
                    self.join_or_start(provider, request);
                    return Ok(token);
                }
                Lookup::Wait(ending) => ending,
            };
            let Some(pending) = self.join_or_start(provider, request) else {
                return Err("the provider could not be called; please report this".into());
            };
            match pending.wait().await {
                Some(Err(failure)) => {
                    let now = self.observe_clock(provider);
                    return ending.filter(|token| token.expires_on > now).ok_or(failure);
                }
                Some(outcome) => return outcome,
                // The task that called the provider ended without an outcome: another one is started.
                None => {}
            }
        }
    }

    /// Removes a token that a service refused without a challenge that can be satisfied.
    pub fn remove(&self, key: &TokenKey, refused: &Rc<Token>) {
        self.with_entry(key, |entry| entry.stored.take_if(|stored| stored.token.secret == refused.secret));
    }

    /// The call of the provider in flight for this token, started now if there is none.
    fn join_or_start(
        &self,
        provider: &impl TokenProvider,
        request: &TokenRequest,
    ) -> Option<PendingRequest<TokenRequest, Outcome>> {
        let start = |guard| {
            provider.spawn(self.clone().fetch(provider.clone(), request.clone(), guard));
            true
        };
        self.0.in_flight.join_or_start(|other| other == request, || request.clone(), start)
    }

    /// The task of a call of the provider.
    async fn fetch(
        self,
        provider: impl TokenProvider,
        request: TokenRequest,
        guard: CompletionGuard<TokenRequest, Outcome>,
    ) {
        let began = self.with_entry(&request.key, |entry| entry.satisfied);
        let outcome = provider.get_token(&request).await.map(Rc::new).map_err(Failure::from);
        let now = self.observe_clock(&provider);
        let has_claims = request.claims.is_some();
        guard
            .complete(self.with_entry(&request.key, |entry| entry.complete(now, outcome, has_claims, began)));
    }

    /// Upper bound of the current time, in seconds since the Unix epoch. Clears the store when the wall clock was set
    /// back: the times of its tokens are those of the clock before.
    fn observe_clock(&self, provider: &impl TokenProvider) -> u64 {
        let mut clock = self.0.clock.get();
        let observation = clock.observe(provider.now(), provider.elapsed());
        self.0.clock.set(clock);
        if observation.was_set_back {
            self.0.entries.borrow_mut().clear();
        }
        observation.now
    }

    fn with_entry<T>(&self, key: &TokenKey, act: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.0.entries.borrow_mut();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
            return act(entry);
        }
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
        let mut entry = Entry::new(key.clone());
        let result = act(&mut entry);
        entries.push(entry);
        result
    }
}

/// Services name tenants, which are part of a key, so the table is bounded.
const MAX_ENTRIES: usize = 64;

/// What is known of one token.
struct Entry {
    key: TokenKey,
    stored: Option<StoredToken>,
    /// The last failure, if no token came after it.
    failure: Option<StoredFailure>,
    /// The number of claims challenges that were satisfied.
    satisfied: u64,
}

struct StoredToken {
    token: Rc<Token>,
    lifetime: Lifetime,
}

/// A failure of the provider. One of a request with claims says nothing about requests without.
struct StoredFailure {
    /// In seconds since the Unix epoch.
    failed_on: u64,
    failure: Failure,
    is_of_claims: bool,
}

/// What a call of [`TokenStore::get`] does next.
enum Lookup {
    Return(Outcome),
    /// Return this token, and renew it in a task.
    Renew(Rc<Token>),
    /// Wait for the provider. If that fails, this token is returned until it ends.
    Wait(Option<Rc<Token>>),
}

impl Entry {
    fn new(key: TokenKey) -> Self {
        Self { key, stored: None, failure: None, satisfied: 0 }
    }

    fn lookup(&self, now: u64, request: &TokenRequest, refused: Option<&Rc<Token>>) -> Lookup {
        let has_claims = request.claims.is_some();
        let stored = self.stored.as_ref().filter(|stored| !is_refused(&stored.token, refused));
        let token = stored.map(|stored| Rc::clone(&stored.token));
        match (token, stored.map(|stored| stored.lifetime.freshness(now))) {
            (Some(token), Some(Freshness::Fresh)) => return Lookup::Return(Ok(token)),
            // It came after the refused one, so it satisfies the claims; another request renews it.
            (Some(token), Some(Freshness::Due)) if has_claims => return Lookup::Return(Ok(token)),
            (Some(token), Some(Freshness::Due)) => return Lookup::Renew(token),
            (token, Some(Freshness::Ending)) if !has_claims => return Lookup::Wait(token),
            _ => {}
        }
        let is_recent = |it: &&StoredFailure| it.failed_on == now && it.is_of_claims == has_claims;
        match self.failure.as_ref().filter(is_recent) {
            Some(failed) => Lookup::Return(Err(Rc::clone(&failed.failure))),
            None => Lookup::Wait(None),
        }
    }

    /// Records how a call of the provider ended that began when so many challenges were `satisfied`, and returns what its
    /// callers get.
    fn complete(&mut self, now: u64, outcome: Outcome, has_claims: bool, satisfied: u64) -> Outcome {
        match &outcome {
            Ok(token) => {
                // A challenge was satisfied meanwhile: this may be the token that was refused.
                let newer = self.stored.as_ref().filter(|_| !has_claims && self.satisfied != satisfied);
                if let Some(newer) = newer {
                    return Ok(Rc::clone(&newer.token));
                }
                let mut lifetime = Lifetime::received(token.expires_on, token.refresh_on, now);
                // The provider, which renews tokens itself, has no newer one.
                if lifetime.freshness(now) != Freshness::Fresh {
                    lifetime.renewal_failed(now);
                }
                self.stored = Some(StoredToken { token: Rc::clone(token), lifetime });
                self.satisfied = self.satisfied.wrapping_add(u64::from(has_claims));
                self.failure = None;
            }
            Err(failure) => {
                if let Some(stored) = self.stored.as_mut().filter(|_| !has_claims) {
                    stored.lifetime.renewal_failed(now);
                }
                let failure = Rc::clone(failure);
                self.failure = Some(StoredFailure { failed_on: now, failure, is_of_claims: has_claims });
            }
        }
        outcome
    }
}

fn is_refused(token: &Rc<Token>, refused: Option<&Rc<Token>>) -> bool {
    refused.is_some_and(|refused| refused.secret == token.secret)
}

#[cfg(test)]
mod tests;
