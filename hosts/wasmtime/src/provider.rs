//! The provider, as apps and embedders see it.

use crate::INTERFACE;
use crate::answers::{Answers, Ask, Decision, Flight, Landing};
use crate::builder::ProviderBuilder;
use crate::error::LoadError;
use crate::load::Program;
use crate::metrics::{Counters, Metrics};
use crate::pool::{Pool, PoolLimits};
use crate::request::{Key, checked};
use crate::surroundings::{Surroundings, WallClock};
use crate::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tracing::Instrument;
use wasmtime::component::Linker;

/// A provider that outlives the apps it serves. Clones are the same provider.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    pool: Pool,
    answers: Mutex<Answers>,
    counters: Arc<Counters>,
    wall_clock: WallClock,
    began: Instant,
}

impl Provider {
    /// Says what a provider may have, and loads it.
    pub fn builder() -> ProviderBuilder {
        ProviderBuilder::new()
    }

    /// Lets the components of `linker` import [`INTERFACE`] from this provider. The store's data is not
    /// touched, and the engine may be any.
    ///
    /// Such components have to be instantiated and called with the asynchronous functions of wasmtime, in a
    /// tokio runtime. Dropping such a call gives up the call, and not the request, which others may wait for.
    ///
    /// # Errors
    /// When the linker has the interface already.
    pub fn add_to_linker<T: Send + 'static>(&self, linker: &mut Linker<T>) -> wasmtime::Result<()> {
        let provider = self.clone();
        linker.instance(INTERFACE)?.func_wrap_async("get-token", move |_, (request,): (TokenRequest,)| {
            let provider = provider.clone();
            Box::new(async move { Ok((provider.get_token(request).await,)) })
        })
    }

    /// Gives a token for a request, as to an app. Has to be called in a tokio runtime, but for what is cached.
    ///
    /// # Errors
    /// Whatever is wrong with the request, the configuration or the network; `other` when the provider
    /// trapped or there is no runtime, `unreachable` also when it had no time.
    pub async fn get_token(&self, request: TokenRequest) -> Result<Arc<AccessToken>, CredentialError> {
        let request = checked(request)?;
        let ask = Ask::of(&request);
        loop {
            let (mut landing, is_own) = match self.decide(&ask, &request) {
                Step::Answer(token) => return Ok(token),
                Step::Wait(landing, is_own) => (landing, is_own),
            };
            if let Ok(outcome) = landing.wait_for(Option::is_some).await
                && let Some(outcome) = outcome.clone()
            {
                return outcome;
            }
            // Whoever asked was in a runtime that ended; if that was another's, it is our turn to ask.
            if is_own {
                let what = "the task that asked the provider ended without an answer; ask in a tokio runtime that \
                            has timers and lives on";
                return Err(CredentialError::of_host(ErrorKind::Other, what));
            }
        }
    }

    /// What the provider did so far.
    pub fn metrics(&self) -> Metrics {
        let counts = self.0.answers().counts();
        self.0.counters.read(counts)
    }

    pub(crate) async fn start(
        program: Program,
        surroundings: Surroundings,
        limits: PoolLimits,
        cache_capacity: usize,
    ) -> Result<Self, LoadError> {
        let (counters, wall_clock) = (Arc::new(Counters::default()), surroundings.wall_clock.clone());
        let pool = Pool::start(program, surroundings, limits, Arc::clone(&counters)).await?;
        let answers = Mutex::new(Answers::new(cache_capacity));
        let began = Instant::now();
        Ok(Self(Arc::new(Inner { pool, answers, counters, wall_clock, began })))
    }

    fn decide(&self, ask: &Ask, request: &TokenRequest) -> Step {
        let inner = &self.0;
        let (mut answers, now) = inner.answers_now();
        let decision = answers.decide(ask, now);
        drop(answers);
        let (counter, how) = match decision {
            Decision::Known(_) => (&inner.counters.hits, "cached"),
            Decision::Due(..) => (&inner.counters.hits, "cached, and being renewed"),
            Decision::UnderWay(_) => (&inner.counters.merged, "under way"),
            Decision::Ask(..) => (&inner.counters.misses, "asked"),
        };
        counter.up();
        tracing::debug!(scopes = %Shown(&ask.key), how, "a token is wanted");
        match decision {
            Decision::Known(token) => Step::Answer(token),
            Decision::Due(token, flight) => {
                inner.counters.renewals.up();
                self.send(flight, request.clone());
                Step::Answer(token)
            }
            Decision::UnderWay(landing) => Step::Wait(landing, false),
            Decision::Ask(flight, landing) => {
                self.send(flight, request.clone());
                Step::Wait(landing, true)
            }
        }
    }

    /// Asks the provider in a task of its own: whoever wanted the answer first may go away.
    fn send(&self, flight: Flight, request: TokenRequest) {
        let key = &flight.ask.key;
        let (scopes, tenant, cae) = (key.scopes(), key.tenant(), request.enable_cae);
        let claims = request.claims.is_some();
        let span = tracing::info_span!("get_token", %scopes, %tenant, cae, claims);
        let mut airborne = Airborne { inner: Arc::clone(&self.0), flight: Some(flight) };
        let flying = async move {
            let began = tokio::time::Instant::now();
            let outcome = airborne.inner.pool.get_token(&request).await;
            report(&outcome, began.elapsed());
            airborne.land(outcome);
        };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(flying.instrument(span))),
            // Dropped, it is abandoned, and whoever waits for it learns why.
            Err(_) => drop(flying),
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("metrics", &self.metrics()).finish_non_exhaustive()
    }
}

impl Inner {
    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answers, and how late it is.
    fn answers_now(&self) -> (MutexGuard<'_, Answers>, u64) {
        let mut answers = self.answers();
        let now = answers.watch_clock(self.wall_clock.now(), self.began.elapsed());
        (answers, now)
    }
}

/// What a caller does next.
enum Step {
    Answer(Arc<AccessToken>),
    /// The flight is the caller's own, or not.
    Wait(Landing, bool),
}

/// A flight that does not get lost, whatever becomes of its task.
struct Airborne {
    inner: Arc<Inner>,
    flight: Option<Flight>,
}

impl Airborne {
    fn land(&mut self, outcome: Result<AccessToken, CredentialError>) {
        if let Some(flight) = self.flight.take() {
            let (mut answers, now) = self.inner.answers_now();
            answers.land(flight, outcome, now);
        }
    }
}

impl Drop for Airborne {
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            self.inner.answers().abandon(flight);
        }
    }
}

fn report(outcome: &Result<AccessToken, CredentialError>, took: Duration) {
    match outcome {
        Ok(token) => {
            let (source, expires_on) = (token.source.as_str(), token.expires_on);
            tracing::info!(source, expires_on, ?took, "the provider gave a token");
        }
        Err(error) => {
            let (kind, error) = (error.kind, error.message.as_str());
            tracing::warn!(?kind, error, ?took, "the provider gave no token");
        }
    }
}

/// The scopes of a key, put into words only for a log that is read.
struct Shown<'a>(&'a Key);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.scopes())
    }
}
