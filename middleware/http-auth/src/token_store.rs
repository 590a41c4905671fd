//! Single-flight: concurrent requests for the same token share one call of the provider.
//!
//! A token is returned while it is [`Freshness::Fresh`]. Afterwards the provider is called, which keeps and renews tokens
//! itself; if it fails, the old token is returned until it ends.

use crate::prelude::*;
use crate::target::Server;
use alloc::rc::Rc;
use azure_token_rules::freshness::{Freshness, Lifetime};
use core::cell::RefCell;
use core::future::poll_fn;
use core::task::{Poll, Waker};

/// The provider of tokens.
pub trait TokenProvider {
    /// Fetches a token. The error is a message for people, without secrets.
    fn get_token(&self, request: &TokenRequest) -> impl Future<Output = Result<Token, String>>;

    /// The time of the wall clock, in seconds since the Unix epoch.
    fn now(&self) -> u64;
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

/// The tokens of an instance.
#[derive(Default)]
pub struct TokenStore(RefCell<Vec<Entry>>);

impl TokenStore {
    /// Returns the stored token if it is fresh, otherwise the provider's.
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
    ) -> Result<Rc<Token>, Failure> {
        let has_claims = request.claims.is_some();
        let mut awaited = None;
        let lookup = poll_fn(|context| {
            let now = provider.now();
            self.with_entry(&request.key, |entry| {
                entry.lookup(now, has_claims, refused, &mut awaited, context.waker())
            })
        });
        match lookup.await {
            Lookup::Token(token) => return Ok(token),
            Lookup::Failure(failure) => return Err(failure),
            Lookup::CallProvider => {}
        }
        let mut guard = CompletionGuard { store: self, request, outcome: None };
        let outcome = provider.get_token(request).await.map(Rc::new).map_err(Failure::from);
        let now = provider.now();
        guard.outcome = Some((now, outcome.clone()));
        drop(guard);
        outcome.or_else(|failure| {
            let usable = |entry: &mut Entry| entry.usable_token(now, refused);
            if has_claims { None } else { self.with_entry(&request.key, usable) }.ok_or(failure)
        })
    }

    /// Removes a token that a service refused without a challenge that can be satisfied.
    pub fn remove(&self, key: &TokenKey, refused: &Rc<Token>) {
        self.with_entry(key, |entry| entry.stored.take_if(|stored| stored.token.secret == refused.secret));
    }

    fn with_entry<T>(&self, key: &TokenKey, act: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.0.borrow_mut();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
            return act(entry);
        }
        if entries.len() >= MAX_ENTRIES {
            entries.retain(|entry| entry.is_pending);
        }
        let mut entry = Entry::new(key.clone());
        let result = act(&mut entry);
        entries.push(entry);
        result
    }
}

/// The tenants that services named in challenges, so that each is challenged once.
#[derive(Default)]
pub struct Tenants(RefCell<Vec<(Server, String)>>);

impl Tenants {
    /// The tenant that a server named; `None`: it named none.
    pub fn get(&self, server: &Server) -> Option<String> {
        self.0.borrow().iter().find(|(known, _)| known == server).map(|(_, tenant)| tenant.clone())
    }

    /// Records that a server accepted a token of the tenant that it named.
    pub fn insert(&self, server: Server, tenant: String) {
        let mut known = self.0.borrow_mut();
        known.retain(|(other, _)| *other != server);
        if known.len() >= MAX_ENTRIES {
            known.clear();
        }
        known.push((server, tenant));
    }
}

/// Services name tenants, so both tables are bounded.
const MAX_ENTRIES: usize = 64;

/// What is known of one token.
struct Entry {
    key: TokenKey,
    stored: Option<StoredToken>,
    /// The last failure, if no token came after it.
    failure: Option<StoredFailure>,
    /// Whether a call of the provider is in flight.
    is_pending: bool,
    /// The number of calls that have completed.
    completed: u64,
    waiters: Vec<Waker>,
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
    Token(Rc<Token>),
    Failure(Failure),
    CallProvider,
}

impl Entry {
    fn new(key: TokenKey) -> Self {
        Self { key, stored: None, failure: None, is_pending: false, completed: 0, waiters: Vec::new() }
    }

    /// Looks the token up. Pending while a call of the provider is in flight, whose number is kept in `awaited`.
    fn lookup(
        &mut self,
        now: u64,
        has_claims: bool,
        refused: Option<&Rc<Token>>,
        awaited: &mut Option<u64>,
        waker: &Waker,
    ) -> Poll<Lookup> {
        let stored = self.stored.as_ref().filter(|stored| !is_refused(&stored.token, refused));
        if let Some(stored) = stored.filter(|stored| stored.lifetime.freshness(now) == Freshness::Fresh) {
            return Poll::Ready(Lookup::Token(Rc::clone(&stored.token)));
        }
        if self.is_pending {
            *awaited = Some(self.completed);
            self.waiters.push(waker.clone());
            return Poll::Pending;
        }
        // The result of the call that was awaited is taken this once, even if it is due for renewal already.
        let has_waited = awaited.is_some_and(|awaited| awaited < self.completed);
        let failed = self.failure.as_ref().filter(|failed| failed.is_of_claims == has_claims);
        match (failed, stored.filter(|_| has_waited)) {
            (Some(failed), _) if has_waited || failed.failed_on == now => {
                Poll::Ready(Lookup::Failure(Rc::clone(&failed.failure)))
            }
            (None, Some(stored)) if self.failure.is_none() => {
                Poll::Ready(Lookup::Token(Rc::clone(&stored.token)))
            }
            _ => {
                self.is_pending = true;
                Poll::Ready(Lookup::CallProvider)
            }
        }
    }

    /// The stored token, unless it was refused or has ended.
    fn usable_token(&self, now: u64, refused: Option<&Rc<Token>>) -> Option<Rc<Token>> {
        let stored = self.stored.as_ref().filter(|stored| !is_refused(&stored.token, refused))?;
        (!stored.lifetime.has_ended(now)).then(|| Rc::clone(&stored.token))
    }

    /// Records how a call of the provider ended.
    fn complete(&mut self, now: u64, outcome: Result<Rc<Token>, Failure>, has_claims: bool) {
        self.completed = self.completed.wrapping_add(1);
        match outcome {
            Ok(token) => {
                let lifetime = Lifetime::new(token.expires_on, token.refresh_on, now);
                self.stored = Some(StoredToken { token, lifetime });
                self.failure = None;
            }
            Err(failure) => {
                if let Some(stored) = self.stored.as_mut().filter(|_| !has_claims) {
                    stored.lifetime.renewal_failed(now);
                }
                self.failure = Some(StoredFailure { failed_on: now, failure, is_of_claims: has_claims });
            }
        }
    }
}

fn is_refused(token: &Rc<Token>, refused: Option<&Rc<Token>>) -> bool {
    refused.is_some_and(|refused| refused.secret == token.secret)
}

/// Completes the call that is in flight and wakes its waiters when dropped, also if the caller is cancelled.
struct CompletionGuard<'a> {
    store: &'a TokenStore,
    request: &'a TokenRequest,
    /// When the call ended and how; `None`: the caller was cancelled.
    outcome: Option<(u64, Result<Rc<Token>, Failure>)>,
}

impl Drop for CompletionGuard<'_> {
    fn drop(&mut self) {
        let outcome = self.outcome.take();
        let waiters = self.store.with_entry(&self.request.key, |entry| {
            entry.is_pending = false;
            if let Some((now, outcome)) = outcome {
                entry.complete(now, outcome, self.request.claims.is_some());
            }
            core::mem::take(&mut entry.waiters)
        });
        waiters.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests;
