//! The store that the hosts share, in memory: each call takes a while, entries expire on the virtual clock, and the store has
//! the trouble of its scenario.

use crate::clock::Clock;
use crate::fleet::figures::StoreFigures;
use crate::fleet::random::Random;
use crate::fleet::scenario::{Trouble, Window};
use azure_identity_wasmtime::{EntryKind, SharedStore, StoreError, StoreFuture, StoredEntry, Version};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The store, as one host has it.
pub struct MemoryStore {
    clock: Clock,
    trouble: Arc<[(Window, Trouble)]>,
    state: Arc<Mutex<State>>,
    /// Its delays are the host's own, so that they do not depend on the order in which hosts that call in the same millisecond
    /// do so.
    random: Mutex<Random>,
}

#[derive(Default)]
struct State {
    entries: HashMap<(EntryKind, String), Entry>,
    /// The number of writes so far; each is a version.
    writes: u64,
    is_flushed: bool,
    figures: StoreFigures,
}

struct Entry {
    value: Vec<u8>,
    version: Version,
    /// When it expires, since the start.
    expires: Duration,
}

impl MemoryStore {
    pub fn new(clock: Clock, trouble: Vec<(Window, Trouble)>, random: Random) -> Self {
        Self { clock, trouble: trouble.into(), state: Arc::default(), random: Mutex::new(random) }
    }

    /// The same store, as another host has it.
    pub fn for_host(&self, random: Random) -> Self {
        let (trouble, state) = (Arc::clone(&self.trouble), Arc::clone(&self.state));
        Self { clock: self.clock.clone(), trouble, state, random: Mutex::new(random) }
    }

    /// What was counted so far.
    pub fn figures(&self) -> StoreFigures {
        self.state().figures.clone()
    }

    /// Does something in the store, after the time that a request takes, and returns after that of a response.
    fn call<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        act: impl FnOnce(&mut State, Duration) -> T + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let (there, back) = self.begin(name);
            match self.trouble_now() {
                Some(Trouble::Closed) => return Err(StoreError::new("the connection is refused")),
                Some(Trouble::Unreachable) => std::future::pending().await,
                Some(Trouble::Slow) => tokio::time::sleep(SLOW).await,
                Some(Trouble::Flushed) | None => {}
            }
            tokio::time::sleep(there).await;
            let outcome = act(&mut self.state(), self.clock.elapsed());
            tokio::time::sleep(back).await;
            Ok(outcome)
        })
    }

    /// Counts a call, and draws how long its request and its response take.
    fn begin(&self, name: &'static str) -> (Duration, Duration) {
        let at = self.clock.elapsed();
        let is_flushed = self.trouble_now() == Some(Trouble::Flushed);
        let mut state = self.state();
        state.figures.count(name, at);
        if is_flushed && !state.is_flushed {
            state.entries.clear();
        }
        state.is_flushed = is_flushed;
        drop(state);
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let mut delay = || random.between(MIN_DELAY, MAX_DELAY);
        (delay(), delay())
    }

    fn trouble_now(&self) -> Option<Trouble> {
        let at = self.clock.elapsed();
        self.trouble.iter().find(|(window, _)| window.contains(at)).map(|(_, trouble)| *trouble)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// An entry that has not expired.
    fn get(&self, kind: EntryKind, name: &str, now: Duration) -> Option<&Entry> {
        self.entries.get(&(kind, name.to_owned())).filter(|entry| entry.expires > now)
    }

    fn put(&mut self, kind: EntryKind, name: &str, value: &[u8], expires: Duration) -> Version {
        self.writes += 1;
        let version = Version::new(self.writes.to_be_bytes());
        let entry = Entry { value: value.to_owned(), version: version.clone(), expires };
        self.entries.insert((kind, name.to_owned()), entry);
        version
    }

    fn has_version(&self, kind: EntryKind, name: &str, version: &Version, now: Duration) -> bool {
        self.get(kind, name, now).is_some_and(|entry| entry.version == *version)
    }
}

impl SharedStore for MemoryStore {
    fn get<'a>(&'a self, kind: EntryKind, name: &'a str) -> StoreFuture<'a, Option<StoredEntry>> {
        self.call("get", move |state, now| {
            let entry = state.get(kind, name, now)?;
            Some(StoredEntry::new(entry.value.clone(), entry.version.clone()))
        })
    }

    fn create<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        self.call("create", move |state, now| {
            let is_absent = state.get(kind, name, now).is_none();
            is_absent.then(|| state.put(kind, name, value, now + expires_in))
        })
    }

    fn replace<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        version: &'a Version,
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        self.call("replace", move |state, now| {
            let is_it = state.has_version(kind, name, version, now);
            is_it.then(|| state.put(kind, name, value, now + expires_in))
        })
    }

    fn remove<'a>(&'a self, kind: EntryKind, name: &'a str, version: &'a Version) -> StoreFuture<'a, bool> {
        self.call("remove", move |state, now| {
            let is_it = state.has_version(kind, name, version, now);
            is_it && state.entries.remove(&(kind, name.to_owned())).is_some()
        })
    }
}

/// One way between a host and the store.
const MIN_DELAY: Duration = Duration::from_millis(0);
const MAX_DELAY: Duration = Duration::from_millis(2);
const SLOW: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use EntryKind::Lease;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn writes_are_conditional_and_entries_expire() {
        let store = MemoryStore::new(Clock::simulated(), Vec::new(), Random::new(1, 1));
        let first = store.create(Lease, "a", b"1", SECOND).await.expect("it works").expect("it is free");
        assert_eq!(store.create(Lease, "a", b"2", SECOND).await, Ok(None));
        assert_eq!(store.create(EntryKind::Token, "a", b"2", SECOND).await.map(|it| it.is_some()), Ok(true));
        let second =
            store.replace(Lease, "a", b"3", &first, SECOND).await.expect("it works").expect("it is it");
        assert_eq!(store.replace(Lease, "a", b"4", &first, SECOND).await, Ok(None));
        assert_eq!(store.remove(Lease, "a", &first).await, Ok(false));
        let entry = store.get(Lease, "a").await.expect("it works").expect("it is there");
        assert_eq!((entry.value, entry.version), (b"3".to_vec(), second.clone()));
        tokio::time::sleep(SECOND).await;
        assert_eq!(store.get(Lease, "a").await, Ok(None));
        assert_eq!(store.remove(Lease, "a", &second).await, Ok(false));
    }

    #[tokio::test(start_paused = true)]
    async fn each_trouble_lasts_for_its_window() {
        let window = |from| Window { from: SECOND * from, to: SECOND * (from + 10) };
        let troubles = [Trouble::Slow, Trouble::Unreachable, Trouble::Closed, Trouble::Flushed];
        let plan = troubles.into_iter().zip([10, 20, 30, 40]).map(|(trouble, from)| (window(from), trouble));
        let store = MemoryStore::new(Clock::simulated(), plan.collect(), Random::new(1, 1));
        store.create(Lease, "a", b"1", SECOND * 600).await.expect("it works");
        let mut seen = Vec::new();
        for _ in 0..5 {
            let began = tokio::time::Instant::now();
            seen.push(match tokio::time::timeout(SECOND * 2, store.get(Lease, "a")).await {
                Err(_) => "never",
                Ok(Err(_)) => "an error",
                Ok(Ok(None)) => "nothing",
                Ok(Ok(Some(_))) if began.elapsed() >= SECOND => "late",
                Ok(Ok(Some(_))) => "at once",
            });
            tokio::time::sleep_until(began + SECOND * 10).await;
        }
        assert_eq!(seen, ["at once", "late", "never", "an error", "nothing"]);
    }
}
