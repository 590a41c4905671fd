//! The instruments of OpenTelemetry.

use crate::metrics::Metrics;
use crate::shared::Shared;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;
use std::sync::{Arc, Weak};

/// Lets a meter read the counters of a provider, as long as there is one.
pub(crate) fn observe(meter: &Meter, shared: &Arc<Shared>) {
    for (name, description, values) in COUNTERS {
        let shared = Arc::downgrade(shared);
        let counter = meter.u64_observable_counter(*name).with_description(*description);
        let counter = counter.with_callback(move |observer| {
            read(&shared, *values, |value, attributes| observer.observe(value, attributes));
        });
        let _registered = counter.build();
    }
    for (name, description, values) in GAUGES {
        let shared = Arc::downgrade(shared);
        let gauge = meter.u64_observable_gauge(*name).with_description(*description);
        let gauge = gauge.with_callback(move |observer| {
            read(&shared, *values, |value, attributes| observer.observe(value, attributes));
        });
        let _registered = gauge.build();
    }
}

/// The values of an instrument: the attribute `outcome` (empty: none), and the number.
type Values = fn(&Metrics) -> Vec<(&'static str, u64)>;
type Instrument = (&'static str, &'static str, Values);

const COUNTERS: &[Instrument] = &[
    ("azure_identity.requests", "Requests for tokens, by how they were answered", |metrics| {
        vec![
            ("cached", metrics.hits),
            ("called", metrics.misses),
            ("joined", metrics.merged),
            ("throttled", metrics.throttled),
            ("refused_by_policy", metrics.refused),
            ("refused_by_rate", metrics.rate_limited),
            ("refused_by_queue", metrics.queue_full),
        ]
    }),
    ("azure_identity.shared_cache.lookups", "Lookups in the shared cache, by outcome", |metrics| {
        vec![("found", metrics.shared_hits), ("requested", metrics.shared_misses)]
    }),
    ("azure_identity.shared_cache.failures", "Calls of the shared cache's store that failed", |metrics| {
        vec![("", metrics.shared_failures)]
    }),
    ("azure_identity.renewals", "Renewals in the background", |metrics| vec![("", metrics.renewals)]),
    ("azure_identity.renewals.deferred", "Renewals that were left to a later request", |metrics| {
        vec![("", metrics.renewals_deferred)]
    }),
    ("azure_identity.calls", "Calls into an instance of the provider", |metrics| vec![("", metrics.calls)]),
    ("azure_identity.call.failures", "Calls that ended without a token, by cause", |metrics| {
        let of_the_provider = metrics.failures.saturating_sub(metrics.traps).saturating_sub(metrics.timeouts);
        vec![("error", of_the_provider), ("trap", metrics.traps), ("timeout", metrics.timeouts)]
    }),
    ("azure_identity.queue.timeouts", "Calls for which no instance was idle in time", |metrics| {
        vec![("", metrics.busy)]
    }),
    (
        "azure_identity.queue.abandoned",
        "Calls whose callers were gone before an instance was idle",
        |metrics| vec![("", metrics.abandoned)],
    ),
    ("azure_identity.instances.started", "Instances of the provider that were started", |metrics| {
        vec![("", metrics.instances_started)]
    }),
];

const GAUGES: &[Instrument] = &[
    ("azure_identity.instances", "Instances of the provider", |metrics| vec![("", metrics.instances)]),
    ("azure_identity.tokens", "Cached tokens", |metrics| vec![("", metrics.cached)]),
    ("azure_identity.calls.in_flight", "Calls in flight, with those that wait for an instance", |metrics| {
        vec![("", metrics.in_flight)]
    }),
    ("azure_identity.queue.length", "Calls that wait for an instance", |metrics| vec![("", metrics.queued)]),
];

fn read(shared: &Weak<Shared>, values: Values, mut observe: impl FnMut(u64, &[KeyValue])) {
    let Some(shared) = shared.upgrade() else { return };
    for (outcome, value) in values(&shared.metrics()) {
        if outcome.is_empty() {
            observe(value, &[]);
        } else {
            observe(value, &[KeyValue::new("outcome", outcome)]);
        }
    }
}
