//! A cached call with 1 to 1,000 tokens in the cache, from another component and from the host; each beside the floor: a
//! provider that returns a constant.
//!
//! `cargo bench -p report --bench cached`

use anyhow::Result;
use criterion::{BenchmarkId, Criterion};
use host_tests::edition::Edition;
use report::guests::FIXED_TOKEN;
use report::measure::benchmark_host::{BenchmarkHost, Counting, request};
use report::measure::timing::scopes;
use report::measure::token_server::TokenServer;
use std::time::Instant;

fn main() -> Result<()> {
    let (server, host) = (TokenServer::start()?, BenchmarkHost::new(Counting::Nothing)?);
    let mut criterion = Criterion::default().configure_from_args();
    let providers = [("ours", Edition::Wasi02.component()), ("floor", FIXED_TOKEN)];
    for (name, provider) in providers {
        for keys in TOKENS {
            from_component(&mut criterion, name, &host, provider, &server, keys)?;
            from_host(&mut criterion, name, &host, provider, &server, keys)?;
        }
    }
    criterion.final_summary();
    Ok(())
}

fn from_component(
    criterion: &mut Criterion,
    name: &str,
    host: &BenchmarkHost,
    provider: &str,
    server: &TokenServer,
    keys: usize,
) -> Result<()> {
    let (mut caller, scopes) = (host.caller(provider, &server.imds())?, scopes(keys));
    // Enough calls to make the call from the host to the app negligible.
    let calls = u32::try_from(keys)?.max(1000);
    caller.call(calls, &scopes)?;
    let mut failure = None;
    criterion.benchmark_group("component to component").bench_function(
        BenchmarkId::new(name, keys),
        |bencher| {
            bencher.iter_custom(|iterations| {
                let started = Instant::now();
                for _ in 0..iterations {
                    failure = caller.call(calls, &scopes).err().or(failure.take());
                }
                started.elapsed() / calls
            });
        },
    );
    failure.map_or(Ok(()), Err)
}

fn from_host(
    criterion: &mut Criterion,
    name: &str,
    host: &BenchmarkHost,
    provider: &str,
    server: &TokenServer,
    keys: usize,
) -> Result<()> {
    let mut instance = host.provider(provider)?.start(&server.imds())?;
    let requests: Vec<_> = scopes(keys).iter().map(|scope| request(scope)).collect();
    for request in &requests {
        instance.get_token(request)?;
    }
    let (mut next, mut failure) = (requests.iter().cycle(), None);
    criterion.benchmark_group("host to component").bench_function(BenchmarkId::new(name, keys), |bencher| {
        bencher.iter(|| {
            let token = next.next().map(|request| instance.get_token(request));
            failure = token.and_then(Result::err).or(failure.take());
        });
    });
    failure.map_or(Ok(()), Err)
}

/// The numbers of tokens in the cache.
const TOKENS: [usize; 4] = [1, 10, 100, 1000];
