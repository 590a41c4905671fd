//! A store that notes which of its calls failed or were given up, for the messages of tests.

use azure_identity_wasmtime::{EntryKind, SharedStore, StoreFuture, StoredEntry, Version};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A store whose failures are noted.
pub struct ObservedStore<S> {
    store: S,
    failures: Failures,
}

/// What failed so far.
#[derive(Clone, Default)]
pub struct Failures(Arc<Mutex<Vec<String>>>);

impl Failures {
    /// What failed since the last call of this.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, failure: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
    }
}

impl<S: SharedStore> ObservedStore<S> {
    /// Observes a store.
    pub fn new(store: S, failures: Failures) -> Self {
        Self { store, failures }
    }

    fn observe<'a, T: Send + 'a>(
        &'a self,
        call: &'static str,
        kind: EntryKind,
        future: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let mut pending = Pending {
                what: format!("{call} {kind:?}"),
                began: Instant::now(),
                failures: Some(&self.failures),
            };
            let outcome = future.await;
            pending.failures = None;
            if let Err(error) = &outcome {
                self.failures.note(format!(
                    "{} failed after {:?}: {error}",
                    pending.what,
                    pending.began.elapsed()
                ));
            }
            outcome
        })
    }
}

impl<S: SharedStore> SharedStore for ObservedStore<S> {
    fn get<'a>(&'a self, kind: EntryKind, name: &'a str) -> StoreFuture<'a, Option<StoredEntry>> {
        self.observe("get", kind, self.store.get(kind, name))
    }

    fn create<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        self.observe("create", kind, self.store.create(kind, name, value, expires_in))
    }

    fn replace<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        version: &'a Version,
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        self.observe("replace", kind, self.store.replace(kind, name, value, version, expires_in))
    }

    fn remove<'a>(&'a self, kind: EntryKind, name: &'a str, version: &'a Version) -> StoreFuture<'a, bool> {
        self.observe("remove", kind, self.store.remove(kind, name, version))
    }
}

/// Notes a call that is dropped before its outcome, after so long that it has not been cancelled for another reason than a
/// deadline.
struct Pending<'a> {
    what: String,
    began: Instant,
    failures: Option<&'a Failures>,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if let Some(failures) = self.failures.filter(|_| self.began.elapsed() >= LATE) {
            failures.note(format!("{} was given up after {:?}", self.what, self.began.elapsed()));
        }
    }
}

const LATE: Duration = Duration::from_secs(1);
