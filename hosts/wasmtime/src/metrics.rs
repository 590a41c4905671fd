//! Counters of a provider.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a provider has done since it was loaded, and what it holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Requests that were answered from the cache.
    pub hits: u64,
    /// Requests that were answered by a call of the provider.
    pub misses: u64,
    /// Requests that shared a call that was in flight (single-flight).
    pub merged: u64,
    /// Tokens that were found in the shared cache.
    pub shared_hits: u64,
    /// Tokens that were requested because the shared cache had none, or had one whose renewal was due.
    pub shared_misses: u64,
    /// Calls of the shared cache's store that failed or took too long.
    pub shared_failures: u64,
    /// Requests that got the error of a service which asked for a wait, or a cached token in its place.
    pub throttled: u64,
    /// Requests that a policy refused.
    pub refused: u64,
    /// Renewals that were begun in the background.
    pub renewals: u64,
    /// Renewals that were left to a later request, because their tenant exceeded its rate or too many waited.
    pub renewals_deferred: u64,
    /// Requests that were refused because their tenant exceeded its rate, `tenant_rate`.
    pub rate_limited: u64,
    /// Requests that were refused because too many calls waited, `queue_capacity` or `tenant_queue_capacity`.
    pub queue_full: u64,
    /// Calls that were dropped while they waited for an instance, because all their callers were gone.
    pub abandoned: u64,
    /// Calls into an instance: misses and renewals, without those that were abandoned or waited too long.
    pub calls: u64,
    /// Calls that ended without a token, for any reason.
    pub failures: u64,
    /// Calls that ended in a trap; the instance of each was replaced.
    pub traps: u64,
    /// Calls that took longer than `call_timeout`; the instance of each was replaced.
    pub timeouts: u64,
    /// Requests that waited for an idle instance longer than `queue_timeout`.
    pub busy: u64,
    /// Instances started so far.
    pub instances_started: u64,
    /// Instances there are now.
    pub instances: u64,
    /// Tokens in the cache now.
    pub cached: u64,
    /// Calls in flight now, including those that wait for an instance.
    pub in_flight: u64,
    /// Calls that wait for an instance now.
    pub queued: u64,
}

/// A counter that threads share.
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
    pub(crate) shared_hits: Counter,
    pub(crate) shared_misses: Counter,
    pub(crate) shared_failures: Counter,
    pub(crate) throttled: Counter,
    pub(crate) refused: Counter,
    pub(crate) renewals: Counter,
    pub(crate) renewals_deferred: Counter,
    pub(crate) rate_limited: Counter,
    pub(crate) queue_full: Counter,
    pub(crate) abandoned: Counter,
    pub(crate) calls: Counter,
    pub(crate) failures: Counter,
    pub(crate) traps: Counter,
    pub(crate) timeouts: Counter,
    pub(crate) busy: Counter,
    pub(crate) instances_started: Counter,
    pub(crate) instances: Counter,
}

impl Counters {
    pub(crate) fn read(&self, (cached, in_flight): (usize, usize), queued: usize) -> Metrics {
        Metrics {
            hits: self.hits.read(),
            misses: self.misses.read(),
            merged: self.merged.read(),
            shared_hits: self.shared_hits.read(),
            shared_misses: self.shared_misses.read(),
            shared_failures: self.shared_failures.read(),
            throttled: self.throttled.read(),
            refused: self.refused.read(),
            renewals: self.renewals.read(),
            renewals_deferred: self.renewals_deferred.read(),
            rate_limited: self.rate_limited.read(),
            queue_full: self.queue_full.read(),
            abandoned: self.abandoned.read(),
            calls: self.calls.read(),
            failures: self.failures.read(),
            traps: self.traps.read(),
            timeouts: self.timeouts.read(),
            busy: self.busy.read(),
            instances_started: self.instances_started.read(),
            instances: self.instances.read(),
            cached: cached as u64,
            in_flight: in_flight as u64,
            queued: queued as u64,
        }
    }
}
