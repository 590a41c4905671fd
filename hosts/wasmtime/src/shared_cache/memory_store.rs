//! A store in memory, for tests. Its time is tokio's, so that a test can let it pass.

use super::store::{EntryKind, SharedStore, StoreError, StoreFuture, StoredEntry, Version};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::Instant;

/// A store in memory. Clones are the same store.
#[derive(Clone, Default)]
pub(crate) struct MemoryStore(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    entries: HashMap<(EntryKind, String), Entry>,
    writes: u64,
    pub(crate) trouble: Option<Trouble>,
    /// The number of calls that were made, also in trouble.
    pub(crate) calls: u64,
}

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Every call fails.
    Down,
    /// No call returns.
    Frozen,
    /// Reads succeed, and writes fail.
    Full,
}

struct Entry {
    value: Vec<u8>,
    version: u64,
    expires_on: Instant,
}

impl MemoryStore {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("not poisoned")
    }

    /// Changes the value of every token.
    pub(crate) fn change_tokens(&self, change: impl Fn(&mut Vec<u8>)) {
        let mut state = self.state();
        let tokens = state.entries.iter_mut().filter(|((kind, _), _)| *kind == EntryKind::Token);
        tokens.for_each(|(_, entry)| change(&mut entry.value));
    }

    /// The number of entries that have not expired.
    pub(crate) fn count(&self, kind: EntryKind) -> usize {
        let now = Instant::now();
        self.state().entries.iter().filter(|((it, _), entry)| *it == kind && entry.expires_on > now).count()
    }

    fn call<T: Send + 'static>(
        &self,
        is_write: bool,
        call: impl FnOnce(&mut State) -> T + Send + 'static,
    ) -> StoreFuture<'static, T> {
        let store = self.clone();
        Box::pin(async move {
            tokio::time::sleep(LATENCY).await;
            let trouble = {
                let mut state = store.state();
                state.calls += 1;
                state.trouble
            };
            match trouble {
                Some(Trouble::Frozen) => std::future::pending().await,
                Some(Trouble::Down) => Err(StoreError::new("connection refused")),
                Some(Trouble::Full) if is_write => Err(StoreError::new("out of memory")),
                _ => Ok(call(&mut store.state())),
            }
        })
    }
}

impl State {
    fn get(&self, at: &(EntryKind, String)) -> Option<&Entry> {
        self.entries.get(at).filter(|entry| entry.expires_on > Instant::now())
    }

    /// Writes an entry if its version is the expected one; `None`: there is none.
    fn put(
        &mut self,
        at: (EntryKind, String),
        value: Vec<u8>,
        expected: Option<&Version>,
        expires_in: Duration,
    ) -> Option<Version> {
        if self.get(&at).map(Entry::version).as_ref() != expected {
            return None;
        }
        self.writes += 1;
        let entry = Entry { value, version: self.writes, expires_on: Instant::now() + expires_in };
        let version = entry.version();
        self.entries.insert(at, entry);
        Some(version)
    }
}

impl Entry {
    fn version(&self) -> Version {
        Version::new(self.version.to_be_bytes())
    }
}

impl SharedStore for MemoryStore {
    fn get<'a>(&'a self, kind: EntryKind, name: &'a str) -> StoreFuture<'a, Option<StoredEntry>> {
        let at = (kind, name.to_owned());
        self.call(false, move |state| {
            state.get(&at).map(|entry| StoredEntry::new(entry.value.clone(), entry.version()))
        })
    }

    fn create<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        let (at, value) = ((kind, name.to_owned()), value.to_vec());
        self.call(true, move |state| state.put(at, value, None, expires_in))
    }

    fn replace<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        version: &'a Version,
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        let (at, value, version) = ((kind, name.to_owned()), value.to_vec(), version.clone());
        self.call(true, move |state| state.put(at, value, Some(&version), expires_in))
    }

    fn remove<'a>(&'a self, kind: EntryKind, name: &'a str, version: &'a Version) -> StoreFuture<'a, bool> {
        let (at, version) = ((kind, name.to_owned()), version.clone());
        self.call(true, move |state| {
            let is_expected = state.get(&at).is_some_and(|entry| entry.version() == version);
            if is_expected {
                state.entries.remove(&at);
            }
            is_expected
        })
    }
}

const LATENCY: Duration = Duration::from_millis(1);
