//! The store behind a deadline and a circuit breaker, so that a store in trouble costs a request little, and no error.

use super::breaker::Breaker;
use super::store::{EntryKind, SharedStore, StoreFuture, StoredEntry, Version};
use crate::metrics::Counters;
use crate::warnings::{Warning, Warnings};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// A store behind a deadline and a circuit breaker.
pub(crate) struct GuardedStore {
    store: Arc<dyn SharedStore>,
    deadline: Duration,
    started: Instant,
    breaker: Mutex<Breaker>,
    warnings: Arc<Warnings>,
    counters: Arc<Counters>,
}

/// The store failed, took too long, or is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unavailable;

impl GuardedStore {
    pub(crate) fn new(
        store: Arc<dyn SharedStore>,
        deadline: Duration,
        warnings: Arc<Warnings>,
        counters: Arc<Counters>,
    ) -> Self {
        let breaker = Mutex::default();
        Self { store, deadline, started: Instant::now(), breaker, warnings, counters }
    }

    pub(crate) async fn get(&self, kind: EntryKind, name: &str) -> Result<Option<StoredEntry>, Unavailable> {
        self.call(self.store.get(kind, name)).await
    }

    /// Writes an entry: over that of a version, or where there is none.
    pub(crate) async fn put(
        &self,
        kind: EntryKind,
        name: &str,
        value: &[u8],
        previous: Option<&Version>,
        expires_in: Duration,
    ) -> Result<Option<Version>, Unavailable> {
        let put = match previous {
            None => self.store.create(kind, name, value, expires_in),
            Some(version) => self.store.replace(kind, name, value, version, expires_in),
        };
        self.call(put).await
    }

    pub(crate) async fn remove(
        &self,
        kind: EntryKind,
        name: &str,
        version: &Version,
    ) -> Result<bool, Unavailable> {
        self.call(self.store.remove(kind, name, version)).await
    }

    /// Writes a warning, within its limit.
    pub(crate) fn warn(&self, why: &dyn fmt::Display, what: &'static str) {
        if let Some(left_out) = self.warnings.permit(Warning::SharedCache) {
            tracing::warn!(%why, left_out, "{what}");
        }
    }

    async fn call<T>(&self, call: StoreFuture<'_, T>) -> Result<T, Unavailable> {
        if !self.breaker().permits(self.started.elapsed()) {
            return Err(Unavailable);
        }
        let error = match timeout(self.deadline, call).await {
            Ok(Ok(value)) => {
                self.breaker().succeeded();
                return Ok(value);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no response within {:?}", self.deadline),
        };
        self.breaker().failed(self.started.elapsed());
        self.counters.shared_failures.up();
        self.warn(&error, "the store of the shared cache failed; the provider goes on without it");
        Err(Unavailable)
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
