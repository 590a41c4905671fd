//! Metrics for OpenTelemetry (feature `opentelemetry`).
//!
//! Counters and gauges are read from [`Metrics`](crate::Metrics) when they are collected, so that a cached token costs
//! nothing more. Names follow the semantic conventions of OpenTelemetry: a namespace, dots, units in seconds.

use crate::shared_cache::Obtained;
use crate::types::CredentialError;
#[cfg(feature = "opentelemetry")]
use opentelemetry::KeyValue;
#[cfg(feature = "opentelemetry")]
use opentelemetry::metrics::{Histogram, Meter};
use std::time::Duration;

/// Where the durations of calls are recorded.
#[derive(Default)]
pub(crate) struct Telemetry {
    #[cfg(feature = "opentelemetry")]
    call_duration: Option<Histogram<f64>>,
}

impl Telemetry {
    /// Records a call of the provider, with the wait for an instance.
    pub(crate) fn call_ended(&self, outcome: &Result<Obtained, CredentialError>, took: Duration) {
        #[cfg(feature = "opentelemetry")]
        if let Some(histogram) = &self.call_duration {
            let outcome = match outcome {
                Ok(Obtained { token, failure: None, .. }) => {
                    [KeyValue::new("outcome", "token"), KeyValue::new("source", token.source.clone())]
                }
                Err(error) | Ok(Obtained { failure: Some(error), .. }) => {
                    [KeyValue::new("outcome", error.kind.name()), KeyValue::new("source", "")]
                }
            };
            histogram.record(took.as_secs_f64(), &outcome);
        }
        #[cfg(not(feature = "opentelemetry"))]
        let _ = (self, outcome, took);
    }
}

#[cfg(feature = "opentelemetry")]
impl Telemetry {
    /// The durations of calls, recorded by a meter.
    pub(crate) fn new(meter: &Meter) -> Self {
        let histogram = meter.f64_histogram("azure_identity.call.duration");
        let histogram = histogram
            .with_unit("s")
            .with_description("Calls of the provider by outcome and source, with the wait for an instance")
            .with_boundaries(vec![0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0]);
        Self { call_duration: Some(histogram.build()) }
    }
}
