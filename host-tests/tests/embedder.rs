//! `azure-identity-wasmtime`: one provider for any number of short-lived apps, with the simulated Azure.

#[path = "embedder/answers.rs"]
mod answers;
#[path = "embedder/apps.rs"]
mod apps;
#[path = "embedder/fairness.rs"]
mod fairness;
#[path = "embedder/lifecycle.rs"]
mod lifecycle;
#[path = "embedder/limits.rs"]
mod limits;
#[path = "embedder/load.rs"]
mod load;
#[path = "embedder/machine.rs"]
mod machine;
#[path = "embedder/metrics.rs"]
mod metrics;
#[path = "embedder/shared_cache.rs"]
mod shared_cache;
#[path = "embedder/stores.rs"]
mod stores;
#[path = "embedder/throttling.rs"]
mod throttling;
#[path = "embedder/tls.rs"]
mod tls;
#[path = "embedder/trace.rs"]
mod trace;
