//! Days in the life of one instance (`src/soak.rs`): `cargo run -p host-tests --bin soak -- --days 300`.

use anyhow::{Result, ensure};
use clap::Parser;
use host_tests::fault_matrix::Start;
use host_tests::guest::Guest;
use host_tests::soak::{Plan, live};

/// Asks ten identities for twenty scopes each, for days of the virtual clock, while things go wrong.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// How many days.
    #[arg(long, default_value_t = 30)]
    days: u64,
    /// Minutes between two rounds.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// How long tokens of applications live, in seconds; Microsoft Entra's live an hour.
    #[arg(long, default_value_t = 3599)]
    lifetime: u64,
}

fn main() -> Result<()> {
    let Arguments { days, minutes, lifetime } = Arguments::parse();
    let start: Start = |surroundings| Box::pin(Guest::start(surroundings));
    let outcome = live(Plan { days, minutes, lifetime }, start, |day, so_far| {
        println!(
            "day {day}: {} calls, {} failed, {} requests of {} at least ({:.3}), {} KiB",
            so_far.calls,
            so_far.failed,
            so_far.requests,
            so_far.minimum,
            so_far.ratio(),
            so_far.memory / 1024
        );
    })?;
    println!("{outcome:?}");
    ensure!(outcome.ratio() <= 1.05, "more than 5 % above the least number of requests");
    ensure!(outcome.memory == outcome.memory_early, "the memory grows");
    Ok(())
}
