//! What http-auth costs: the same app on the same sockets with and without it, in one run. Beside it two floors: a
//! component in its place that hands each request on as it is, and one that sets a header and does nothing else.
//!
//! `cargo bench -p host-tests --bench http_auth`

#[path = "../tests/http_auth/loopback.rs"]
mod loopback;
#[path = "../tests/http_auth/order.rs"]
mod order;
#[path = "../tests/http_auth/wire.rs"]
mod wire;

use anyhow::Result;
use host_tests::edition::Edition;
use order::order;
use std::time::{Duration, Instant};
use wire::{Between, Wire};

fn main() -> Result<()> {
    // `cargo test` runs benchmarks, too, with this argument missing; they take minutes.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut wires = Vec::new();
        for (name, between) in [
            ("nothing", Between::Nothing),
            ("pass-through", Between::PassThrough),
            ("sets-a-header", Between::SetsAHeader),
            ("http-auth", Between::HttpAuth(Edition::Wasi03)),
            ("http-auth-0.2", Between::HttpAuth(Edition::Wasi02)),
        ] {
            wires.push((name, Wire::lay(between).await?));
        }
        requests(&mut wires).await?;
        // It knows of no bodies.
        wires.retain(|(name, _)| *name != "sets-a-header");
        for (name, method, orders, path) in [
            ("download", "GET", &[][..], format!("/download/{GIB}")),
            ("upload", "PUT", &[("x-body", GIB), ("x-with-content-length", GIB)], "/".to_owned()),
            ("upload without length", "PUT", &[("x-body", GIB)], "/".to_owned()),
        ] {
            bodies(&mut wires, name, method, &path, orders).await?;
        }
        Ok(())
    })
}

const GIB: &str = "1073741824";
const REQUESTS: usize = 4000;
/// The first ones fetch the token and warm everything.
const WARM: usize = 500;

/// The time of a small request, each by each so that whatever else the machine does is the same for all.
async fn requests(wires: &mut [(&str, Wire)]) -> Result<()> {
    let mut times = vec![Vec::with_capacity(REQUESTS); wires.len()];
    for _ in 0..WARM + REQUESTS {
        for ((_, wire), times) in wires.iter_mut().zip(&mut times) {
            let started = Instant::now();
            wire.send("GET", "/", &[]).await?;
            times.push(started.elapsed());
        }
    }
    for times in &mut times {
        times.drain(..WARM);
        times.sort_unstable();
    }
    for (name, part) in [("quickest tenth", 0.1), ("median", 0.5), ("90 %", 0.9)] {
        let at = |times: &[Duration]| times[(times.len() as f64 * part) as usize];
        let direct = at(&times[0]);
        for ((between, _), times) in wires.iter().zip(&times) {
            let more = at(times).saturating_sub(direct);
            println!("request, {name}, over {between}: {:.1?}; +{more:.1?}", at(times));
        }
    }
    Ok(())
}

/// The best time of a large body.
async fn bodies(
    wires: &mut [(&str, Wire)],
    name: &str,
    method: &str,
    path: &str,
    orders: &[(&str, &str)],
) -> Result<()> {
    let mut best = vec![(Duration::MAX, 0); wires.len()];
    for _ in 0..5 {
        for ((_, wire), (time, grown)) in wires.iter_mut().zip(&mut best) {
            forget_peak()?;
            let before = peak();
            *time = body(wire, method, path, orders).await?.min(*time);
            *grown = (peak() - before).max(*grown);
        }
    }
    let direct = best[0].0;
    for ((between, _), (time, grown)) in wires.iter().zip(&best) {
        let ratio = direct.as_secs_f64() / time.as_secs_f64();
        println!(
            "{name} of 1 GiB, over {between}: {time:.2?}; {ratio:.2} of the throughput; peak memory +{grown} MiB"
        );
    }
    Ok(())
}

async fn body(wire: &mut Wire, method: &str, path: &str, orders: &[(&str, &str)]) -> Result<Duration> {
    let target = format!("http://{}{path}", wire.server);
    let started = Instant::now();
    wire.app.count(order(method, &target, orders)?).await?;
    Ok(started.elapsed())
}

/// Lets the most memory that this process had be what it has now.
fn forget_peak() -> Result<()> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}

/// The most memory that this process had since, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}
