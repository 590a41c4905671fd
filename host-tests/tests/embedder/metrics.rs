//! Metrics for OpenTelemetry, read by its own SDK.

use crate::machine::{Machine, STORAGE, VAULT};
use anyhow::Result;
use azure_identity_wasmtime::{Policy, TokenRequest};
use azure_simulator::Settings;
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use std::collections::BTreeMap;

#[tokio::test(start_paused = true)]
async fn requests_calls_tokens_and_instances_are_counted() -> Result<()> {
    let exporter = InMemoryMetricExporter::default();
    let meters = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone()).build();
    let meter = meters.meter("test");
    let machine = Machine::start_with(Settings::default(), |builder| builder.meter(meter)).await?;
    machine.token(VAULT).await;
    machine.token(VAULT).await;
    machine.token(STORAGE).await;
    let unknown =
        TokenRequest { options: vec![("unknown".into(), String::new())], ..TokenRequest::new(VAULT) };
    machine.ask(unknown).await.expect_err("the provider has no such option");
    let nothing = machine.provider.scoped(Policy::new());
    nothing.get_token(TokenRequest::new(VAULT)).await.expect_err("the policy allows nothing");
    meters.force_flush()?;

    let values = values(&exporter)?;
    for (name, expected) in [
        ("azure_identity.requests{outcome=cached}", 1),
        ("azure_identity.requests{outcome=called}", 3),
        ("azure_identity.requests{outcome=joined}", 0),
        ("azure_identity.requests{outcome=refused_by_policy}", 1),
        ("azure_identity.calls", 3),
        ("azure_identity.call.failures{outcome=error}", 1),
        ("azure_identity.call.failures{outcome=trap}", 0),
        ("azure_identity.call.duration{outcome=token,source=managed-identity/imds}", 2),
        ("azure_identity.call.duration{outcome=invalid-argument,source=}", 1),
        ("azure_identity.tokens", 2),
        ("azure_identity.instances", 1),
        ("azure_identity.calls.in_flight", 0),
    ] {
        assert_eq!(values.get(name), Some(&expected), "{name} in {values:#?}");
    }
    Ok(())
}

/// The values by name and attributes; of a histogram, the number of its values.
fn values(exporter: &InMemoryMetricExporter) -> Result<BTreeMap<String, u64>> {
    let mut values = BTreeMap::new();
    let finished = exporter.get_finished_metrics()?;
    let scopes = finished.iter().flat_map(|resource| resource.scope_metrics());
    for metric in scopes.flat_map(|scope| scope.metrics()) {
        for (attributes, value) in points(metric) {
            values.insert(format!("{}{attributes}", metric.name()), value);
        }
    }
    Ok(values)
}

fn points(metric: &Metric) -> Vec<(String, u64)> {
    match metric.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => {
            sum.data_points().map(|point| (shown(point.attributes()), point.value())).collect()
        }
        AggregatedMetrics::U64(MetricData::Gauge(gauge)) => {
            gauge.data_points().map(|point| (shown(point.attributes()), point.value())).collect()
        }
        AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
            histogram.data_points().map(|point| (shown(point.attributes()), point.count())).collect()
        }
        other => panic!("an instrument of another kind: {other:?}"),
    }
}

/// `{name=value,…}`, sorted; empty without attributes.
fn shown<'a>(attributes: impl Iterator<Item = &'a KeyValue>) -> String {
    let mut shown: Vec<_> = attributes.map(|it| format!("{}={}", it.key, it.value)).collect();
    shown.sort();
    if shown.is_empty() { String::new() } else { format!("{{{}}}", shown.join(",")) }
}
