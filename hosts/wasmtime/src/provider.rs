//! The provider, as apps and embedders use it.

use crate::environment::{Environment, WallClock};
use crate::error::LoadError;
use crate::interface::INTERFACE;
use crate::load::Program;
use crate::metrics::{Counters, Metrics};
use crate::pool::{Pool, PoolLimits};
use crate::request::{TokenKey, checked};
use crate::token_store::{Lookup, PendingRequest, RequestKey, TokenStore, Waiter};
use crate::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tracing::Instrument;
use wasmtime::component::Linker;

/// A provider that outlives the apps it serves. Clones are the same provider.
///
/// It is made by [`Provider::builder`].
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    pool: Pool,
    store: Mutex<TokenStore>,
    counters: Arc<Counters>,
    wall_clock: WallClock,
    started: Instant,
}

impl Provider {
    /// Lets the components of `linker` import [`INTERFACE`] from this provider. The store's data is not touched, and
    /// the engine may be any.
    ///
    /// The components must be instantiated and called with wasmtime's asynchronous functions, in a tokio runtime.
    /// Dropping such a call does not cancel the call of the provider, which other callers may share.
    ///
    /// # Errors
    /// When the linker has the interface already.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::Provider;
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let provider = Provider::builder().load_file("azure-identity.wasm").await?;
    /// let mut linker = wasmtime::component::Linker::<()>::new(&wasmtime::Engine::default());
    /// provider.add_to_linker(&mut linker)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_to_linker<T: Send + 'static>(&self, linker: &mut Linker<T>) -> wasmtime::Result<()> {
        let provider = self.clone();
        linker.instance(INTERFACE)?.func_wrap_async("get-token", move |_, (request,): (TokenRequest,)| {
            let provider = provider.clone();
            Box::new(async move { Ok((provider.get_token(request).await,)) })
        })
    }

    /// Returns a token: the cached one until its renewal is due; then the cached one, while a new one is fetched in the
    /// background; in its last five minutes a new one, and the old one until it ends if none can be had.
    ///
    /// Concurrent requests for the same token share one call of the provider. A request with claims is not answered from
    /// the cache. Must be called in a tokio runtime, unless the token is cached.
    ///
    /// # Errors
    /// The provider's error. `invalid-argument` also when the request is too large, `transient` also when no instance
    /// was idle or the call took too long, `other` also when the instance trapped or there is no tokio runtime.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Provider, TokenRequest};
    /// # async fn run(provider: Provider) -> Result<(), Box<dyn std::error::Error>> {
    /// let token = provider.get_token(TokenRequest::new("https://vault.azure.net/.default")).await?;
    /// let header = format!("Bearer {}", token.secret());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_token(&self, request: TokenRequest) -> Result<Arc<AccessToken>, CredentialError> {
        let request = checked(request)?;
        let key = RequestKey::of(&request);
        loop {
            let Wait { mut waiter, is_own, ending } = match self.lookup(&key, &request) {
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
            return self.0.unless_ended(ending).ok_or(error);
        }
    }

    /// The counters of the provider.
    ///
    /// # Examples
    /// ```no_run
    /// # fn run(provider: azure_identity_wasmtime::Provider) {
    /// let metrics = provider.metrics();
    /// println!("{} of {} from the cache", metrics.hits, metrics.hits + metrics.misses + metrics.merged);
    /// # }
    /// ```
    pub fn metrics(&self) -> Metrics {
        let counts = self.0.store().counts();
        self.0.counters.read(counts)
    }

    pub(crate) async fn start(
        program: Program,
        environment: Environment,
        limits: PoolLimits,
        cache_capacity: usize,
    ) -> Result<Self, LoadError> {
        let (counters, wall_clock) = (Arc::new(Counters::default()), environment.wall_clock.clone());
        let pool = Pool::start(program, environment, limits, Arc::clone(&counters)).await?;
        let store = Mutex::new(TokenStore::new(cache_capacity));
        let started = Instant::now();
        Ok(Self(Arc::new(Inner { pool, store, counters, wall_clock, started })))
    }

    /// Looks a request up, begins the call that it needs, and counts it.
    fn lookup(&self, key: &RequestKey, request: &TokenRequest) -> Step {
        let inner = &self.0;
        let (mut store, now) = inner.store_now();
        let lookup = store.lookup(key, now);
        drop(store);
        let (counter, how) = match lookup {
            Lookup::Cached(_) => (&inner.counters.hits, "cached"),
            Lookup::Renew(..) => (&inner.counters.hits, "cached, renewed in the background"),
            Lookup::Join { .. } => (&inner.counters.merged, "call in flight joined"),
            Lookup::Call { .. } => (&inner.counters.misses, "provider called"),
        };
        counter.up();
        tracing::debug!(scopes = %DisplayScopes(&key.token), how, "a token is requested");
        match lookup {
            Lookup::Cached(token) => Step::Return(token),
            Lookup::Renew(token, pending) => {
                inner.counters.renewals.up();
                self.spawn(pending, request.clone());
                Step::Return(token)
            }
            Lookup::Join { waiter, ending } => Step::Wait(Wait { waiter, is_own: false, ending }),
            Lookup::Call { pending, waiter, ending } => {
                self.spawn(pending, request.clone());
                Step::Wait(Wait { waiter, is_own: true, ending })
            }
        }
    }

    /// Calls the provider in its own task, so that a cancelled caller does not cancel it.
    fn spawn(&self, pending: PendingRequest, request: TokenRequest) {
        let key = &pending.key.token;
        let (scopes, tenant, cae) = (key.scopes(), key.tenant(), request.enable_cae);
        let claims = request.claims.is_some();
        let span = tracing::info_span!("get_token", %scopes, %tenant, cae, claims);
        let mut guard = CompletionGuard { inner: Arc::clone(&self.0), pending: Some(pending) };
        let call = async move {
            let started = tokio::time::Instant::now();
            let outcome = guard.inner.pool.get_token(&request).await;
            trace(&outcome, started.elapsed());
            guard.complete(outcome);
        };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(call.instrument(span))),
            // Without a runtime, dropping the task cancels the call, and its waiters return an error.
            Err(_) => drop(call),
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("metrics", &self.metrics()).finish_non_exhaustive()
    }
}

impl Inner {
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
    inner: Arc<Inner>,
    pending: Option<PendingRequest>,
}

impl CompletionGuard {
    fn complete(&mut self, outcome: Result<AccessToken, CredentialError>) {
        if let Some(pending) = self.pending.take() {
            let (mut store, now) = self.inner.store_now();
            store.complete(pending, outcome, now);
        }
    }
}

impl Drop for CompletionGuard {
    fn drop(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.inner.store().cancel(pending);
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
