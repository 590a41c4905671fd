//! The cost of http-auth, as a component and as hooks: the same app on the same sockets with and without it. Two baselines are a component in its place
//! that forwards each request unchanged, and one that sets a header.
//!
//! `cargo bench -p host-tests --bench http_auth`

#[path = "../tests/http_auth/connection.rs"]
mod connection;
#[path = "../tests/http_auth/hooks.rs"]
mod hooks;
#[path = "../tests/http_auth/loopback.rs"]
mod loopback;
#[path = "../tests/http_auth/order.rs"]
mod order;
#[path = "../tests/http_auth/way.rs"]
mod way;

use anyhow::Result;
use connection::{Connection, Middleware};
use criterion::{Criterion, SamplingMode, Throughput};
use host_tests::edition::Edition;
use order::order;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use way::Way;

fn main() -> Result<()> {
    // `cargo test` runs benchmarks as well, without this argument; the transfers take minutes.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runtime = Runtime::new()?;
    let mut criterion = Criterion::default().configure_from_args();
    for (name, middleware) in [
        ("nothing", Middleware::None),
        ("pass-through", Middleware::PassThrough),
        ("sets-a-header", Middleware::SetsAHeader),
        ("http-auth", Middleware::HttpAuth(Way::Composed(Edition::Wasi03))),
        ("http-auth-0.2", Middleware::HttpAuth(Way::Composed(Edition::Wasi02))),
        ("hooks", Middleware::HttpAuth(Way::Hooks(Edition::Wasi03))),
    ] {
        let mut connection = runtime.block_on(Connection::open(middleware))?;
        small_request(&mut criterion, &runtime, name, &mut connection)?;
        // The component that sets a header drops bodies.
        if middleware != Middleware::SetsAHeader {
            transfers(&mut criterion, &runtime, name, &mut connection)?;
        }
    }
    criterion.final_summary();
    Ok(())
}

/// A request without a body.
fn small_request(
    criterion: &mut Criterion,
    runtime: &Runtime,
    name: &str,
    connection: &mut Connection,
) -> Result<()> {
    // The first request fetches the token.
    runtime.block_on(connection.send("GET", "/", &[]))?;
    let mut failure = None;
    criterion.benchmark_group("request").bench_function(name, |bencher| {
        bencher.iter(|| {
            failure = runtime.block_on(connection.send("GET", "/", &[])).err().or(failure.take());
        });
    });
    failure.map_or(Ok(()), Err)
}

/// Bodies of 1 GiB, and the growth of the process's peak memory during a transfer.
fn transfers(
    criterion: &mut Criterion,
    runtime: &Runtime,
    name: &str,
    connection: &mut Connection,
) -> Result<()> {
    for (group, method, path, orders) in [
        ("download of 1 GiB", "GET", format!("/download/{GIB}"), &[][..]),
        ("upload of 1 GiB", "PUT", "/".to_owned(), &[("x-body", GIB), ("x-with-content-length", GIB)]),
        ("upload of 1 GiB without length", "PUT", "/".to_owned(), &[("x-body", GIB)]),
    ] {
        reset_peak()?;
        let before = peak();
        runtime.block_on(transfer(connection, method, &path, orders))?;
        println!("{group}/{name}: peak memory +{} MiB", peak() - before);
        let mut failure = None;
        let mut group = criterion.benchmark_group(group);
        group.throughput(Throughput::Bytes(1 << 30)).sampling_mode(SamplingMode::Flat).sample_size(10);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| {
                (0..iterations)
                    .map(|_| {
                        runtime.block_on(transfer(connection, method, &path, orders)).unwrap_or_else(
                            |error| {
                                failure = Some(error);
                                Duration::ZERO
                            },
                        )
                    })
                    .sum()
            });
        });
        group.finish();
        failure.map_or(Ok(()), Err)?;
    }
    Ok(())
}

async fn transfer(
    connection: &mut Connection,
    method: &str,
    path: &str,
    orders: &[(&str, &str)],
) -> Result<Duration> {
    let target = format!("http://{}{path}", connection.server);
    let started = Instant::now();
    connection.app.count(order(method, &target, orders)?).await?;
    Ok(started.elapsed())
}

/// Resets the peak memory of this process to its current memory.
fn reset_peak() -> Result<()> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}

/// The peak memory of this process since the last reset, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}

const GIB: &str = "1073741824";
