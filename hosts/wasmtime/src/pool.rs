//! A few instances of the provider. Each serves one call at a time, so as many calls run at once as there
//! may be instances; the others wait, for a while.

use crate::engine::Running;
use crate::error::LoadError;
use crate::instance::{Instance, OutOfMemory};
use crate::load::Program;
use crate::metrics::Counters;
use crate::surroundings::Surroundings;
use crate::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The instances of one provider.
pub(crate) struct Pool {
    program: Program,
    surroundings: Surroundings,
    limits: PoolLimits,
    /// A permit for each instance there may be.
    permits: Semaphore,
    /// The last one used comes first: its own cache knows most, and the others' memory stays untouched.
    idle: Mutex<Vec<Instance>>,
    counters: Arc<Counters>,
}

/// How many instances there are at most, and how long anything takes.
#[derive(Clone, Copy)]
pub(crate) struct PoolLimits {
    pub(crate) instances: usize,
    pub(crate) queue_timeout: Duration,
    pub(crate) call_timeout: Duration,
}

impl Pool {
    /// A pool with one instance, which shows whether the program works at all.
    pub(crate) async fn start(
        program: Program,
        surroundings: Surroundings,
        limits: PoolLimits,
        counters: Arc<Counters>,
    ) -> Result<Self, LoadError> {
        let (permits, idle) = (Semaphore::new(limits.instances), Mutex::default());
        let pool = Self { program, surroundings, limits, permits, idle, counters };
        let _running = Running::start();
        let first = timeout(limits.call_timeout, pool.instance()).await;
        let first = first.unwrap_or_else(|_| Err(LoadError::Start { source: slow(limits.call_timeout) }))?;
        pool.put_back(first);
        Ok(pool)
    }

    /// Asks an instance for a token, as soon as one is free.
    pub(crate) async fn get_token(&self, request: &TokenRequest) -> Result<AccessToken, CredentialError> {
        let _permit = self.permit().await?;
        let _running = Running::start();
        self.counters.calls.up();
        let call = timeout(self.limits.call_timeout, self.call(request));
        let outcome = call.await.unwrap_or_else(|_| Err(self.gave_up()));
        if outcome.is_err() {
            self.counters.failures.up();
        }
        outcome
    }

    async fn permit(&self) -> Result<SemaphorePermit<'_>, CredentialError> {
        match timeout(self.limits.queue_timeout, self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            // Nobody closes the semaphore, so this is always the time.
            Ok(Err(_)) | Err(_) => {
                self.counters.busy.up();
                let PoolLimits { instances, queue_timeout, .. } = self.limits;
                let what = format_args!(
                    "all {instances} instances of the provider were busy for {queue_timeout:?}; see what they \
                     wait for, or raise pool_size"
                );
                Err(CredentialError::of_host(ErrorKind::Unreachable, what))
            }
        }
    }

    /// One call, which may be given up at any point: the instance goes back only when it is done.
    async fn call(&self, request: &TokenRequest) -> Result<AccessToken, CredentialError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut instance = match idle {
            Some(instance) => instance,
            None => self.instance().await.map_err(|error| {
                tracing::error!(error = error.to_string(), "no instance of the provider starts");
                CredentialError::of_host(ErrorKind::Other, error)
            })?,
        };
        let outcome = instance.get_token(request).await.map_err(|error| self.trapped(&error))?;
        self.put_back(instance);
        outcome
    }

    async fn instance(&self) -> Result<Instance, LoadError> {
        let state = self.surroundings.furnish()?;
        Instance::start(&self.program, state, Arc::clone(&self.counters)).await
    }

    fn put_back(&self, instance: Instance) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
    }

    /// The backtrace is for the embedder's log; the app is told what happened.
    fn trapped(&self, error: &wasmtime::Error) -> CredentialError {
        self.counters.traps.up();
        tracing::error!(error = format!("{error:?}"), "an instance of the provider trapped");
        let why = match (error.downcast_ref::<OutOfMemory>(), error.downcast_ref::<wasmtime::Trap>()) {
            (Some(why), _) => why.to_string(),
            (None, Some(trap)) => format!("{trap}; ask again, and report it if it stays"),
            (None, None) => "its host failed; the host's log says how".to_owned(),
        };
        let what = format_args!("an instance of the provider trapped and is replaced: {why}");
        CredentialError::of_host(ErrorKind::Other, what)
    }

    fn gave_up(&self) -> CredentialError {
        self.counters.timeouts.up();
        let within = self.limits.call_timeout;
        tracing::error!(?within, "an instance of the provider did not answer");
        let what =
            format_args!("an instance of the provider did not answer within {within:?} and is replaced");
        CredentialError::of_host(ErrorKind::Unreachable, what)
    }
}

fn slow(within: Duration) -> wasmtime::Error {
    wasmtime::Error::msg(format!("it took longer than {within:?}"))
}
