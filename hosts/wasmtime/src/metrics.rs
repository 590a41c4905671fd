//! What a provider did so far.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a provider did since it was loaded, and what it holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Requests answered from the cache.
    pub hits: u64,
    /// Requests that the provider was asked for.
    pub misses: u64,
    /// Requests that waited for the answer to another one.
    pub merged: u64,
    /// Renewals begun in the background.
    pub renewals: u64,
    /// Calls into an instance: misses and renewals, less those that found no instance in time.
    pub calls: u64,
    /// Calls that ended without a token, whatever the reason.
    pub failures: u64,
    /// Calls that ended in a trap; each cost an instance.
    pub traps: u64,
    /// Calls that took longer than they may; each cost an instance.
    pub timeouts: u64,
    /// Requests that found every instance busy for too long.
    pub busy: u64,
    /// Instances started so far.
    pub instances_started: u64,
    /// Instances there are now.
    pub instances: u64,
    /// Tokens in the cache now.
    pub cached: u64,
    /// Calls under way now, waiting for an instance included.
    pub under_way: u64,
}

/// A number that many count at once.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn up(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn down(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters behind [`Metrics`].
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) merged: Counter,
    pub(crate) renewals: Counter,
    pub(crate) calls: Counter,
    pub(crate) failures: Counter,
    pub(crate) traps: Counter,
    pub(crate) timeouts: Counter,
    pub(crate) busy: Counter,
    pub(crate) instances_started: Counter,
    pub(crate) instances: Counter,
}

impl Counters {
    pub(crate) fn read(&self, (cached, under_way): (usize, usize)) -> Metrics {
        Metrics {
            hits: self.hits.read(),
            misses: self.misses.read(),
            merged: self.merged.read(),
            renewals: self.renewals.read(),
            calls: self.calls.read(),
            failures: self.failures.read(),
            traps: self.traps.read(),
            timeouts: self.timeouts.read(),
            busy: self.busy.read(),
            instances_started: self.instances_started.read(),
            instances: self.instances.read(),
            cached: cached as u64,
            under_way: under_way as u64,
        }
    }
}
