//! What http-auth costs: the same app on the same sockets with and without it, in one run.
//!
//! `cargo bench -p host-tests --bench http_auth`

#[path = "../tests/http_auth/loopback.rs"]
mod loopback;
#[path = "../tests/http_auth/order.rs"]
mod order;
#[path = "../tests/http_auth/wire.rs"]
mod wire;

use anyhow::Result;
use order::order;
use std::time::{Duration, Instant};
use wire::Wire;

fn main() -> Result<()> {
    // `cargo test` runs benchmarks, too, with this argument missing; they take minutes.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        let (mut direct, mut through) = (Wire::lay(false).await?, Wire::lay(true).await?);
        requests(&mut direct, &mut through).await?;
        for (name, method, orders, path) in [
            ("download", "GET", &[][..], format!("/download/{GIB}")),
            ("upload", "PUT", &[("x-body", GIB), ("x-with-content-length", GIB)], "/".to_owned()),
            ("upload without length", "PUT", &[("x-body", GIB)], "/".to_owned()),
        ] {
            let (mut without, mut with) = (Duration::MAX, Duration::MAX);
            let before = peak();
            for _ in 0..3 {
                without = without.min(body(&mut direct, method, &path, orders).await?);
                with = with.min(body(&mut through, method, &path, orders).await?);
            }
            let (ratio, grown) = (without.as_secs_f64() / with.as_secs_f64(), peak() - before);
            println!("{name} of 1 GiB: {without:.2?} without, {with:.2?} with; {ratio:.2} of the throughput; peak memory +{grown} MiB");
        }
        Ok(())
    })
}

const GIB: &str = "1073741824";

/// The median time of a small request, each by each so that whatever else the machine does is the same for both.
async fn requests(direct: &mut Wire, through: &mut Wire) -> Result<()> {
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..4000 {
        for (wire, times) in [(&mut *direct, &mut without), (&mut *through, &mut with)] {
            let started = Instant::now();
            wire.send("GET", "/", &[]).await?;
            times.push(started.elapsed());
        }
    }
    for times in [&mut without, &mut with] {
        // The first ones fetch the token and warm everything.
        times.drain(..500);
        times.sort_unstable();
    }
    let at = |times: &[Duration], part: f64| times[(times.len() as f64 * part) as usize];
    for (name, part) in [("quickest quarter", 0.25), ("median", 0.5), ("90 %", 0.9)] {
        let (without, with) = (at(&without, part), at(&with, part));
        println!(
            "request, {name}: {without:.1?} without, {with:.1?} with; +{:.1?}",
            with.saturating_sub(without)
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

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}
