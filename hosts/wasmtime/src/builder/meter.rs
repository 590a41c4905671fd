//! Metrics for OpenTelemetry.

use super::ProviderBuilder;
use opentelemetry::metrics::Meter;

impl ProviderBuilder {
    /// Records metrics with this meter of OpenTelemetry (feature `opentelemetry`): requests by outcome, calls with their
    /// duration by outcome and source, instances, cached tokens, and calls in flight. Their names begin with
    /// `azure_identity.`.
    ///
    /// The meter is passed and not taken from the global provider: with another version of `opentelemetry` in the host, the
    /// program does not compile, while a global one would record nothing.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().meter(opentelemetry::global::meter("my-host"));
    /// ```
    pub fn meter(mut self, meter: Meter) -> Self {
        self.meter = Some(meter);
        self
    }
}
