//! The soak test (`src/soak.rs`): `cargo run -p host-tests --features tests --bin soak -- --days 300`.

use anyhow::{Result, ensure};
use clap::Parser;
use host_tests::guest::{Guest, Start};
use host_tests::soak::{Config, run};
use progress::Progress;

/// Requests tokens of ten identities for twenty scopes each, for days of the virtual clock, while faults are injected.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The duration, in days.
    #[arg(long, default_value_t = 30)]
    days: u64,
    /// The minutes between two rounds.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// The lifetime of application tokens, in seconds; Microsoft Entra issues them for an hour.
    #[arg(long, default_value_t = 3599)]
    lifetime: u64,
}

fn main() -> Result<()> {
    let Arguments { days, minutes, lifetime } = Arguments::parse();
    let start: Start = |environment| Box::pin(Guest::start(environment));
    let progress = Progress::start();
    let outcome = run(Config { days, minutes, lifetime }, start, |day, so_far| {
        progress.print(&format!(
            "day {day}: {} calls, {} failed, {} requests, minimum {} ({:.3}), {} KiB",
            so_far.calls,
            so_far.failed,
            so_far.requests,
            so_far.minimum,
            so_far.ratio(),
            so_far.memory / 1024
        ));
        progress.show(day as usize, days as usize, "days of the virtual clock");
    })?;
    drop(progress);
    println!("{outcome:?}");
    ensure!(outcome.has_needed_requests(), "more requests than the minimum and the retries during faults");
    ensure!(outcome.memory == outcome.memory_early, "the memory grows");
    Ok(())
}
