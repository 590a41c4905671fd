//! What the clones of a provider share: the pool, the tokens and the counters. A request is looked up here, and the call
//! that it needs is begun.

use crate::environment::{Environment, WallClock};
use crate::error::LoadError;
use crate::load::Program;
use crate::metrics::{Counters, Metrics};
use crate::pool::{Pool, PoolLimits};
use crate::request::TokenKey;
use crate::tenant::TenantKey;
use crate::token_store::{Lookup, PendingRequest, RequestKey, TokenStore, Waiter};
use crate::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
#[cfg(feature = "http-auth")]
use azure_http_auth_rules::settings::names_token_server;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tracing::Instrument;

/// What the clones of a provider share.
pub(crate) struct Shared {
    pool: Pool,
    store: Mutex<TokenStore>,
    counters: Arc<Counters>,
    wall_clock: WallClock,
    started: Instant,
    /// The variables that name servers which return tokens.
    #[cfg(feature = "http-auth")]
    pub(crate) token_servers: Vec<(String, String)>,
}

impl Shared {
    pub(crate) async fn start(
        program: Program,
        environment: Environment,
        limits: PoolLimits,
        cache_capacity: usize,
    ) -> Result<Self, LoadError> {
        let (counters, wall_clock) = (Arc::new(Counters::default()), environment.wall_clock.clone());
        #[cfg(feature = "http-auth")]
        let token_servers = {
            let names_one = |(name, _): &&(String, String)| names_token_server(name);
            environment.env.iter().filter(names_one).cloned().collect()
        };
        let pool = Pool::start(program, environment, limits, Arc::clone(&counters)).await?;
        let store = Mutex::new(TokenStore::new(cache_capacity));
        Ok(Self {
            pool,
            store,
            counters,
            wall_clock,
            started: Instant::now(),
            #[cfg(feature = "http-auth")]
            token_servers,
        })
    }

    /// Returns a token: a cached one, that of a call in flight, or that of a call which is begun.
    ///
    /// # Errors
    /// As [`Provider::get_token`](crate::Provider::get_token).
    pub(crate) async fn get_token(
        this: &Arc<Self>,
        request: TokenRequest,
        tenant: &TenantKey,
    ) -> Result<Arc<AccessToken>, CredentialError> {
        let key = RequestKey::of(&request);
        loop {
            let Wait { mut waiter, is_own, ending } = match Self::lookup(this, &key, &request, tenant) {
                Step::Return(token) => return Ok(token),
                Step::Wait(wait) => wait,
            };
            let outcome = waiter.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
            let error = match outcome {
                Some(Ok(token)) => return Ok(token),
                Some(Err(error)) => error,
                // The call belonged to another caller, whose runtime ended; this caller begins another.
                None if !is_own => continue,
                None => CredentialError::of_host(
                    ErrorKind::Other,
                    "the task that called the provider ended without a result; call it in a tokio runtime that \
                     has timers and does not end before the call",
                ),
            };
            return this.unless_ended(ending).ok_or(error);
        }
    }

    pub(crate) fn metrics(&self) -> Metrics {
        let counts = self.store().counts();
        self.counters.read(counts)
    }

    /// Counts and traces a request that a policy does not allow.
    pub(crate) fn refused(&self, tenant: &TenantKey, refusal: &CredentialError) {
        self.counters.refused.up();
        tracing::info!(%tenant, error = refusal.message, "a policy refused a request");
    }

    /// Looks a request up, begins the call that it needs, and counts it.
    fn lookup(this: &Arc<Self>, key: &RequestKey, request: &TokenRequest, tenant: &TenantKey) -> Step {
        let (mut store, now) = this.store_now();
        let lookup = store.lookup(key, now);
        drop(store);
        let (counter, how) = match lookup {
            Lookup::Cached(_) => (&this.counters.hits, "cached"),
            Lookup::Renew(..) => (&this.counters.hits, "cached, renewed in the background"),
            Lookup::Join { .. } => (&this.counters.merged, "call in flight joined"),
            Lookup::Call { .. } => (&this.counters.misses, "provider called"),
        };
        counter.up();
        tracing::debug!(%tenant, scopes = %DisplayScopes(&key.token), how, "a token is requested");
        match lookup {
            Lookup::Cached(token) => Step::Return(token),
            Lookup::Renew(token, pending) => {
                this.counters.renewals.up();
                Self::spawn(this, pending, request.clone(), tenant);
                Step::Return(token)
            }
            Lookup::Join { waiter, ending } => Step::Wait(Wait { waiter, is_own: false, ending }),
            Lookup::Call { pending, waiter, ending } => {
                Self::spawn(this, pending, request.clone(), tenant);
                Step::Wait(Wait { waiter, is_own: true, ending })
            }
        }
    }

    /// Calls the provider in its own task, so that a cancelled caller does not cancel it.
    fn spawn(this: &Arc<Self>, pending: PendingRequest, request: TokenRequest, tenant: &TenantKey) {
        let key = &pending.key.token;
        let (scopes, tenant_id, cae) = (key.scopes(), key.tenant(), request.enable_cae);
        let claims = request.claims.is_some();
        let span = tracing::info_span!("get_token", %tenant, %scopes, tenant_id, cae, claims);
        let mut guard = CompletionGuard { shared: Arc::clone(this), pending: Some(pending) };
        let call = async move {
            let started = tokio::time::Instant::now();
            let outcome = guard.shared.pool.get_token(&request).await;
            trace(&outcome, started.elapsed());
            guard.complete(outcome);
        };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(call.instrument(span))),
            // Without a runtime, dropping the task cancels the call, and its waiters return an error.
            Err(_) => drop(call),
        }
    }

    fn store(&self) -> MutexGuard<'_, TokenStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store, and the current time in seconds since the Unix epoch.
    fn store_now(&self) -> (MutexGuard<'_, TokenStore>, u64) {
        let mut store = self.store();
        let now = store.observe_clock(self.wall_clock.now(), self.started.elapsed());
        (store, now)
    }

    fn unless_ended(&self, token: Option<Arc<AccessToken>>) -> Option<Arc<AccessToken>> {
        let now = self.store_now().1;
        token.filter(|token| token.expires_on > now)
    }
}

/// What a caller does next.
enum Step {
    Return(Arc<AccessToken>),
    Wait(Wait),
}

struct Wait {
    waiter: Waiter,
    /// Whether the caller began the call it waits for.
    is_own: bool,
    /// The token to return if the call fails.
    ending: Option<Arc<AccessToken>>,
}

/// Cancels the call when dropped before it is completed, also if its task is cancelled.
struct CompletionGuard {
    shared: Arc<Shared>,
    pending: Option<PendingRequest>,
}

impl CompletionGuard {
    fn complete(&mut self, outcome: Result<AccessToken, CredentialError>) {
        if let Some(pending) = self.pending.take() {
            let (mut store, now) = self.shared.store_now();
            store.complete(pending, outcome, now);
        }
    }
}

impl Drop for CompletionGuard {
    fn drop(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.shared.store().cancel(pending);
        }
    }
}

fn trace(outcome: &Result<AccessToken, CredentialError>, took: Duration) {
    match outcome {
        Ok(token) => {
            let (source, expires_on) = (token.source.as_str(), token.expires_on);
            tracing::info!(source, expires_on, ?took, "the provider returned a token");
        }
        Err(error) => {
            let (kind, error) = (error.kind, error.message.as_str());
            tracing::warn!(?kind, error, ?took, "the provider returned an error");
        }
    }
}

/// Formats the scopes of a key only if the log is read.
struct DisplayScopes<'a>(&'a TokenKey);

impl fmt::Display for DisplayScopes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.scopes())
    }
}
