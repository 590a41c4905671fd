//! Single-flight: concurrent requests for the same token share one call of the provider.
//!
//! The store holds the cached tokens and the calls in flight. It decides and never waits, so one lock guards it.

mod completion;

use crate::admission::{CallKind, Origin};
use crate::cache::Cache;
use crate::request::TokenKey;
use crate::shared_cache::Demand;
use crate::tenant::TenantKey;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use azure_token_rules::freshness::Freshness;
use azure_token_rules::throttling::Throttled;
use std::collections::{HashMap, HashSet};
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
    /// What there is behind this store; `None`: the provider alone.
    second_level: Option<Invalidated>,
}

/// The keys whose tokens in a shared cache are not to be used, until another one is stored.
type Invalidated = HashSet<TokenKey>;

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
    /// What the shared cache has to know.
    pub(crate) demand: Demand,
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
    /// `is_shared`: there is a shared cache behind this store.
    pub(crate) fn new(capacity: usize, is_shared: bool) -> Self {
        Self {
            cache: Cache::new(capacity),
            in_flight: HashMap::new(),
            throttled: Throttled::default(),
            begun: 0,
            stored: 0,
            satisfied: HashMap::new(),
            second_level: is_shared.then(HashSet::new),
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
                Ok(ticket) => {
                    let demand = Demand { is_background: true, ..Demand::default() };
                    Lookup::Renew(token, self.begin(key, tenant, demand), ticket)
                }
                // A later request tries again.
                Err(_) => Lookup::Cached(token),
            },
            (cached, Some(call)) => {
                Lookup::Join { waiter: call.sender.subscribe(), ending: cached.map(|(token, _)| token) }
            }
            (cached, None) => {
                let ending = cached.map(|(token, _)| token);
                match throttled() {
                    // Another host may have stored a token since.
                    Some(error) if self.second_level.is_some() => {
                        let demand = Demand { throttled: Some(error), ..Demand::default() };
                        self.call(key, tenant, ending, admit(), demand)
                    }
                    Some(error) => Lookup::Throttled { error, ending },
                    None => self.call(key, tenant, ending, admit(), Demand::default()),
                }
            }
        }
    }

    /// Drops a cached token, and leaves the outcome of calls for it to their callers. Returns whether it was cached.
    pub(crate) fn invalidate(&mut self, key: &TokenKey) -> bool {
        self.in_flight.retain(|request, _| request.token != *key);
        if let Some(invalidated) = &mut self.second_level
            && invalidated.len() < MAX_INVALIDATED
        {
            invalidated.insert(key.clone());
        }
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
        demand: Demand,
    ) -> Lookup<T> {
        match admitted {
            Ok(ticket) => {
                let pending = self.begin(key, tenant, demand);
                let waiter = pending.sender.subscribe();
                Lookup::Call { pending, ticket, waiter, ending }
            }
            Err(error) => Lookup::Refused { error, ending },
        }
    }

    fn begin(&mut self, key: &RequestKey, tenant: &TenantKey, demand: Demand) -> PendingRequest {
        let sender = watch::Sender::new(None);
        self.begun += 1;
        let (id, began) = (self.begun, self.stored);
        self.in_flight.insert(key.clone(), InFlight { sender: sender.clone(), id });
        let held = self.cache.token(&key.token);
        let is_invalidated = self.second_level.as_mut().is_some_and(|keys| keys.remove(&key.token));
        let demand = Demand { held, is_invalidated, ..demand };
        PendingRequest { key: key.clone(), tenant: tenant.clone(), sender, id, began, demand }
    }
}

/// The number of invalidated keys that are remembered, at most.
const MAX_INVALIDATED: usize = 1024;

#[cfg(test)]
mod tests;
