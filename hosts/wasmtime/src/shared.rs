//! What the clones of a provider share: the pool, the tokens and the counters. A request is looked up here, and the call
//! that it needs is begun.

use crate::environment::{Environment, WallClock};
use crate::error::LoadError;
use crate::health::HealthRecord;
use crate::load::Program;
use crate::metrics::{Counter, Counters, Metrics};
use crate::pool::{Pool, PoolLimits};
use crate::request::TokenKey;
use crate::shared_cache::{SecondLevel, SharedCache};
use crate::telemetry::Telemetry;
use crate::tenant::TenantKey;
use crate::token_store::{Lookup, Now, RequestKey, TokenStore, Waiter};
use crate::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use crate::warnings::{Warning, Warnings};
#[cfg(feature = "http-auth")]
use azure_http_auth_rules::settings::names_token_server;
use azure_token_cache::identity::Identity;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// What the clones of a provider share.
pub(crate) struct Shared {
    pub(crate) pool: Pool,
    store: Mutex<TokenStore>,
    /// The tokens that this host shares with others; `None`: it shares none.
    pub(crate) second_level: Option<SecondLevel>,
    pub(crate) counters: Arc<Counters>,
    health: Mutex<HealthRecord>,
    pub(crate) phase: watch::Sender<Phase>,
    /// Is notified when a call ends.
    pub(crate) ended: Notify,
    pub(crate) telemetry: Telemetry,
    pub(crate) warnings: Arc<Warnings>,
    wall_clock: WallClock,
    started: Instant,
    /// The variables that name servers which return tokens.
    #[cfg(feature = "http-auth")]
    pub(crate) token_servers: Vec<(String, String)>,
}

/// The caches of a provider.
pub(crate) struct Caches {
    /// The number of tokens in this provider's own, at most.
    pub(crate) capacity: usize,
    /// The one that hosts share, and the identity that they declare.
    pub(crate) shared: Option<(SharedCache, Identity)>,
}

/// Whether a provider accepts requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    /// New requests are refused; calls in flight go on.
    Draining,
    /// Calls in flight are cancelled.
    Closed,
}

impl Shared {
    pub(crate) async fn start(
        program: Program,
        environment: Environment,
        limits: PoolLimits,
        caches: Caches,
        telemetry: Telemetry,
    ) -> Result<Self, LoadError> {
        let (counters, wall_clock) = (Arc::new(Counters::default()), environment.wall_clock.clone());
        let warnings = Arc::clone(&environment.warnings);
        let identity_settings = environment.identity_settings();
        #[cfg(feature = "http-auth")]
        let token_servers = {
            let names_one = |(name, _): &&(String, String)| names_token_server(name);
            environment.env.iter().filter(names_one).cloned().collect()
        };
        let pool = Pool::start(program, environment, limits, Arc::clone(&counters)).await?;
        let store = Mutex::new(TokenStore::new(caches.capacity, caches.shared.is_some()));
        let second_level = caches.shared.map(|(shared, identity)| {
            SecondLevel::new(
                shared,
                identity,
                identity_settings,
                Arc::clone(&warnings),
                Arc::clone(&counters),
            )
        });
        Ok(Self {
            pool,
            store,
            second_level,
            counters,
            health: Mutex::default(),
            phase: watch::Sender::new(Phase::Open),
            ended: Notify::new(),
            telemetry,
            warnings,
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
        if *this.phase.borrow() != Phase::Open {
            return Err(shut_down());
        }
        let key = RequestKey::of(&request);
        loop {
            let Wait { mut waiter, is_own, ending } = match Self::lookup(this, &key, &request, tenant) {
                Step::Return(token) => return Ok(token),
                Step::Refuse(error) => return Err(*error),
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
        self.counters.read(counts, self.pool.waiting())
    }

    /// Counts and traces a request that a policy does not allow.
    pub(crate) fn refused(&self, tenant: &TenantKey, refusal: &CredentialError) {
        self.counters.refused.up();
        if let Some(left_out) = self.warnings.permit(Warning::RequestRefused) {
            tracing::warn!(%tenant, error = refusal.message, left_out, "a policy refused a request");
        }
    }

    /// Looks a request up, begins the call that it needs, and counts it.
    fn lookup(this: &Arc<Self>, key: &RequestKey, request: &TokenRequest, tenant: &TenantKey) -> Step {
        let (mut store, now) = this.store_now();
        let lookup = store.lookup(key, tenant, now, |origin| this.pool.admit(origin));
        drop(store);
        let (counter, how) = match lookup {
            Lookup::Cached(_) => (Some(&this.counters.hits), "cached"),
            Lookup::Renew(..) => (Some(&this.counters.hits), "cached, renewed in the background"),
            Lookup::Throttled { .. } => (Some(&this.counters.throttled), "the service asked for a wait"),
            Lookup::Refused { ending: Some(_), .. } => {
                (Some(&this.counters.hits), "cached, call not admitted")
            }
            Lookup::Refused { .. } => (None, "call not admitted"), // its admission counts it
            Lookup::Join { .. } => (Some(&this.counters.merged), "call in flight joined"),
            Lookup::Call { .. } => (Some(&this.counters.misses), "provider called"),
        };
        counter.into_iter().for_each(Counter::up);
        tracing::debug!(%tenant, scopes = %DisplayScopes(&key.token), how, "a token is requested");
        match lookup {
            Lookup::Cached(token) => Step::Return(token),
            Lookup::Throttled { error, ending } | Lookup::Refused { error, ending } => {
                match this.unless_ended(ending) {
                    Some(token) => Step::Return(token),
                    None => Step::Refuse(Box::new(error)),
                }
            }
            Lookup::Renew(token, pending, ticket) => {
                this.counters.renewals.up();
                Self::spawn(this, pending, ticket, request.clone(), tenant);
                Step::Return(token)
            }
            Lookup::Join { waiter, ending } => Step::Wait(Wait { waiter, is_own: false, ending }),
            Lookup::Call { pending, ticket, waiter, ending } => {
                Self::spawn(this, pending, ticket, request.clone(), tenant);
                Step::Wait(Wait { waiter, is_own: true, ending })
            }
        }
    }

    pub(crate) fn health_record(&self) -> MutexGuard<'_, HealthRecord> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, TokenStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store, and the current time.
    pub(crate) fn store_now(&self) -> (MutexGuard<'_, TokenStore>, Now) {
        let mut store = self.store();
        let now = store.observe_clock(self.wall_clock.now(), self.started.elapsed());
        (store, now)
    }

    fn unless_ended(&self, token: Option<Arc<AccessToken>>) -> Option<Arc<AccessToken>> {
        let now = self.store_now().1.unix;
        token.filter(|token| token.expires_on > now)
    }
}

/// What a caller does next.
enum Step {
    Return(Arc<AccessToken>),
    Refuse(Box<CredentialError>),
    Wait(Wait),
}

struct Wait {
    waiter: Waiter,
    /// Whether the caller began the call it waits for.
    is_own: bool,
    /// The token to return if the call fails.
    ending: Option<Arc<AccessToken>>,
}

pub(crate) fn shut_down() -> CredentialError {
    CredentialError::of_host(ErrorKind::Transient, "the provider is shut down; the host is ending")
}

/// Formats the scopes of a key only if the log is read.
struct DisplayScopes<'a>(&'a TokenKey);

impl fmt::Display for DisplayScopes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.scopes())
    }
}
