//! The cost of a shared cache on loopback: what the client of a store takes for a GET, what a provider takes for a token that is in
//! the store and not in its own cache, and what it takes for one in its own cache, with and without a shared one.
//!
//! `cargo bench -p host-tests --bench shared_cache`

#[path = "../tests/embedder/machine.rs"]
#[allow(dead_code, reason = "the tests need the rest")]
mod machine;

use anyhow::Result;
use azure_identity_wasmtime::{
    EntryKind, KeyRing, NatsStore, Partition, ProviderBuilder, RedisStore, SharedCache, SharedStore,
    TokenRequest,
};
use azure_simulator::Settings;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use host_tests::nats_server::NatsServer;
use host_tests::redis_server::RedisServer;
use machine::{Machine, VAULT};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

fn main() -> Result<()> {
    // `cargo test` runs benchmarks as well, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runtime = Runtime::new()?;
    let mut criterion = Criterion::default().configure_from_args();
    let (redis, nats) = (RedisServer::start()?, NatsServer::start()?);
    let mut stores: Vec<(&str, Arc<dyn SharedStore>)> = Vec::new();
    let _inside = runtime.enter();
    if let Some(server) = &redis {
        stores.push(("redis", Arc::new(RedisStore::builder(server.url()).build()?)));
    }
    if let Some(server) = &nats {
        stores.push(("nats", Arc::new(NatsStore::builder(server.url()).build()?)));
    }
    let mut group = criterion.benchmark_group("shared cache");
    measure(&mut group, &runtime, "first level, without a shared cache", |builder| builder)?;
    for (name, store) in stores {
        // The value is as long as a sealed token of the simulated IMDS.
        let written = store.create(EntryKind::Token, "bench", &[7; 2000], Duration::from_secs(600));
        runtime.block_on(written)?;
        let get = Arc::clone(&store);
        bench(&mut group, &runtime, &format!("{name}: GET of its client"), move || {
            let store = Arc::clone(&get);
            async move { store.get(EntryKind::Token, "bench").await.is_ok_and(|entry| entry.is_some()) }
        });
        let shared = || -> Result<SharedCache> {
            Ok(SharedCache::new(Arc::clone(&store), Partition::parse("bench")?, KeyRing::parse(KEYS)?))
        };
        for (level, capacity) in [("second level", 0), ("first level", 1024)] {
            let shared = shared()?;
            let configure = |builder: ProviderBuilder| builder.shared_cache(shared).cache_capacity(capacity);
            measure(&mut group, &runtime, &format!("{name}: {level}"), configure)?;
        }
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}

/// Measures a request for a token that is there.
fn measure(
    group: &mut BenchmarkGroup<'_, WallTime>,
    runtime: &Runtime,
    name: &str,
    configure: impl FnOnce(ProviderBuilder) -> ProviderBuilder,
) -> Result<()> {
    let configure = |builder: ProviderBuilder| {
        let builder = builder.env("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
        configure(builder.env("AZURE_CLIENT_ID", CLIENT))
    };
    let machine = runtime.block_on(Machine::start_with(Settings::default(), configure))?;
    runtime.block_on(machine.provider.get_token(TokenRequest::new(VAULT)))?;
    let (requests, provider) = (machine.sent().len(), machine.provider.clone());
    bench(group, runtime, name, move || {
        let provider = provider.clone();
        async move { provider.get_token(TokenRequest::new(VAULT)).await.is_ok() }
    });
    assert_eq!(machine.sent().len(), requests, "the token was there");
    Ok(())
}

/// Measures calls, one after the other, in a task of the runtime, as a server makes them. Each returns whether it succeeded.
fn bench<F: Future<Output = bool> + Send>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    runtime: &Runtime,
    name: &str,
    call: impl Fn() -> F + Clone + Send + 'static,
) {
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|calls| {
            let call = call.clone();
            let task = runtime.spawn(async move {
                let began = Instant::now();
                for _ in 0..calls {
                    assert!(call().await, "a call failed");
                }
                began.elapsed()
            });
            runtime.block_on(task).expect("no call failed")
        });
    });
}

/// The user-assigned identity of the simulated machine.
const CLIENT: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
const KEYS: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
