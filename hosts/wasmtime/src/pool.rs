//! A pool of instances. Each serves one call at a time; further calls wait, as their admission decides.

use crate::admission::{Admission, AdmissionLimits, Origin, Ticket};
use crate::engine::Running;
use crate::environment::Environment;
use crate::error::LoadError;
use crate::instance::Instance;
use crate::load::Program;
use crate::metrics::Counters;
use crate::state::OutOfMemory;
use crate::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use crate::warnings::Warning;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// The instances of one provider.
pub(crate) struct Pool {
    program: Program,
    environment: Environment,
    limits: PoolLimits,
    admission: Arc<Admission>,
    /// The last one used is taken first: its own cache has the most tokens, and the others' memory stays untouched.
    idle: Mutex<Vec<Instance>>,
    /// How often all instances were replaced.
    generation: AtomicU64,
    counters: Arc<Counters>,
}

/// The size and the timeouts of a pool.
#[derive(Clone, Copy)]
pub(crate) struct PoolLimits {
    /// The number of instances, at most.
    pub(crate) instances: usize,
    /// How long a call into an instance takes.
    pub(crate) call_timeout: Duration,
    /// Whether an instance serves several calls. Behind a shared cache it does not: it has a cache of its own, and would return
    /// a token from there that another host has renewed.
    pub(crate) reuses_instances: bool,
    pub(crate) admission: AdmissionLimits,
}

impl Default for PoolLimits {
    fn default() -> Self {
        // Longer than the 120 s after which the provider itself ends a call with an error that names the cause.
        let call_timeout = Duration::from_secs(150);
        Self { instances: 8, call_timeout, reuses_instances: true, admission: AdmissionLimits::default() }
    }
}

impl Pool {
    /// Starts a pool with one instance.
    ///
    /// # Errors
    /// When that instance does not start.
    pub(crate) async fn start(
        program: Program,
        environment: Environment,
        limits: PoolLimits,
        counters: Arc<Counters>,
    ) -> Result<Self, LoadError> {
        let admission = Admission::new(limits.admission, limits.instances, Arc::clone(&counters));
        let (admission, idle) = (Arc::new(admission), Mutex::default());
        let generation = AtomicU64::new(0);
        let pool = Self { program, environment, limits, admission, idle, generation, counters };
        let _running = Running::start();
        let first = timeout(limits.call_timeout, pool.instance()).await;
        let first =
            first.unwrap_or_else(|_| Err(LoadError::Start { source: too_slow(limits.call_timeout) }))?;
        pool.put_back(first, 0);
        Ok(pool)
    }

    /// Admits a call, which may run when [`Ticket::wait`] returns.
    ///
    /// # Errors
    /// As [`Admission::admit`].
    pub(crate) fn admit(&self, origin: Origin) -> Result<Ticket, CredentialError> {
        Admission::admit(&self.admission, origin)
    }

    /// Admits a call again that gave its place to others.
    ///
    /// # Errors
    /// As [`Admission::enter`].
    pub(crate) fn readmit(&self, origin: Origin) -> Result<Ticket, CredentialError> {
        Admission::enter(&self.admission, origin)
    }

    /// The number of admitted calls that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.admission.waiting()
    }

    /// Calls an instance, for an admitted call that may run.
    ///
    /// # Errors
    /// The provider's, or one of this host when the instance trapped or took too long.
    pub(crate) async fn get_token(
        &self,
        request: &TokenRequest,
        _ticket: Ticket,
    ) -> Result<AccessToken, CredentialError> {
        let _running = Running::start();
        self.counters.calls.up();
        let call = timeout(self.limits.call_timeout, self.call(request));
        let outcome = call.await.unwrap_or_else(|_| Err(self.timed_out()));
        if outcome.is_err() {
            self.counters.failures.up();
        }
        outcome
    }

    /// Drops all instances, whose caches may hold what is not to be used; those that are called, after the call.
    pub(crate) fn replace_instances(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::Relaxed);
        idle.clear();
    }

    /// Calls an instance. The future may be dropped at any point: the instance returns to the pool only after the call.
    async fn call(&self, request: &TokenRequest) -> Result<AccessToken, CredentialError> {
        let (idle, generation) = self.take();
        let mut instance = match idle {
            Some(instance) if self.limits.reuses_instances || !instance.was_called() => instance,
            _ => self.instance().await.map_err(|error| {
                self.lost(&error, "no instance of the provider starts");
                CredentialError::of_host(ErrorKind::Other, error)
            })?,
        };
        let outcome = instance.get_token(request).await.map_err(|error| self.trapped(&error))?;
        self.put_back(instance, generation);
        outcome
    }

    /// An idle instance, and the generation of those that there are.
    fn take(&self) -> (Option<Instance>, u64) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        (idle.pop(), self.generation.load(Ordering::Relaxed))
    }

    async fn instance(&self) -> Result<Instance, LoadError> {
        let state = self.environment.create_state()?;
        Instance::start(&self.program, state, Arc::clone(&self.counters)).await
    }

    fn put_back(&self, instance: Instance, generation: u64) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if generation == self.generation.load(Ordering::Relaxed) {
            idle.push(instance);
        }
    }

    /// The embedder's log gets the backtrace, the app a summary.
    fn trapped(&self, error: &wasmtime::Error) -> CredentialError {
        self.counters.traps.up();
        self.lost(&format_args!("{error:?}"), "an instance of the provider trapped");
        let why = match (error.downcast_ref::<OutOfMemory>(), error.downcast_ref::<wasmtime::Trap>()) {
            (Some(why), _) => why.to_string(),
            (None, Some(trap)) => format!("{trap}; try again, and report it if it persists"),
            (None, None) => "its host failed; see the host's log".to_owned(),
        };
        let what = format_args!("an instance of the provider trapped and is replaced: {why}");
        CredentialError::of_host(ErrorKind::Other, what)
    }

    fn lost(&self, error: &dyn fmt::Display, what: &'static str) {
        if let Some(left_out) = self.environment.warnings.permit(Warning::InstanceLost) {
            tracing::error!(error = error.to_string(), left_out, "{what}");
        }
    }

    fn timed_out(&self) -> CredentialError {
        self.counters.timeouts.up();
        let within = self.limits.call_timeout;
        self.lost(&format_args!("{within:?}"), "an instance of the provider did not return in time");
        let what =
            format_args!("an instance of the provider did not return within {within:?} and is replaced");
        CredentialError::of_host(ErrorKind::Transient, what)
    }
}

fn too_slow(within: Duration) -> wasmtime::Error {
    wasmtime::Error::msg(format!("it took longer than {within:?}"))
}
