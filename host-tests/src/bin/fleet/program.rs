//! The command line of the program.

use crate::{real, report};
use anyhow::{Context, Result, ensure};
use clap::Parser;
use clap::builder::PossibleValuesParser;
use host_tests::fleet::figures::Figures;
use host_tests::fleet::minimum::Lifetimes;
use host_tests::fleet::plot::{Panel, chart};
use host_tests::fleet::real::StoreKind;
use host_tests::fleet::scenario::Scenario;
use host_tests::fleet::simulation::{self, Config, Sharing};
use host_tests::fleet::worker;
use progress::Progress;
use std::path::PathBuf;
use std::time::Duration;

/// Simulates a fleet whose hosts share a token cache, on the virtual clock, beside one whose hosts share nothing.
///
/// The providers are real: the embedder's crate with the component in it. The service that issues tokens, the store and the
/// time are simulated. With `--real` it starts real processes with a real store instead, and ends one of them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The number of hosts.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..))]
    hosts: u16,
    /// The number of app instances of each host, or of each real process.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..))]
    instances: u16,
    /// The duration, in hours of the virtual clock.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..))]
    hours: u16,
    /// The number of tokens (scopes) that the app instances ask for.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    keys: u16,
    /// The minutes between two requests of an app instance, on average.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    ask_every: u16,
    /// The lifetime of a token, in seconds.
    #[arg(long, default_value_t = 7200, value_parser = clap::value_parser!(u64).range(60..))]
    lifetime: u64,
    /// After how many seconds the service asks to renew a token.
    #[arg(long, default_value_t = 3600, value_parser = clap::value_parser!(u64).range(60..))]
    refresh_in: u64,
    /// Determines everything that is random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What happens in the run.
    #[arg(long, default_value = "all", value_parser = scenarios())]
    scenario: String,
    /// Writes a chart of the requests over time.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Starts so many processes of this program, with the store of `--store`, and simulates nothing but Azure.
    #[arg(long, value_name = "PROCESSES", value_parser = clap::value_parser!(u16).range(2..))]
    real: Option<u16>,
    /// The store of the real processes: a server that this program starts.
    #[arg(long, default_value = "redis", value_parser = ["redis", "nats"])]
    store: String,
    /// The delay of each response of the service to real processes, in milliseconds.
    #[arg(long, default_value_t = 100)]
    delay: u64,
    /// How long a call of the store of real processes may take, in milliseconds. 200 is the default of the embedder's crate;
    /// more processes than processors exceed it.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,
    /// How often the tokens of real processes become due.
    #[arg(long, default_value_t = 3)]
    renewals: u16,
    /// Runs one of the real processes.
    #[arg(long, hide = true)]
    worker: Option<String>,
}

/// Does what the command line says.
pub fn run() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(start) = &arguments.worker {
        return worker::run(&serde_json::from_str(start)?);
    }
    match arguments.real {
        Some(count) => real::execute(&processes(&arguments, count)?, &arguments.store),
        None => simulate(&arguments),
    }
}

fn simulate(arguments: &Arguments) -> Result<()> {
    let config = config(arguments)?;
    let chosen = |scenario: &Scenario| arguments.scenario == "all" || arguments.scenario == scenario.name();
    println!("{}", report::introduction(&config));
    let mut runs = Vec::new();
    for scenario in Scenario::ALL.into_iter().filter(chosen) {
        let (with, without) = both(config, scenario)?;
        println!("{}", report::scenario(&config, scenario, &with, &without));
        runs.push((scenario, with, without));
    }
    match &arguments.svg {
        Some(file) => {
            let svg = svg(&config, &runs);
            std::fs::write(file, svg).with_context(|| format!("cannot write {}", file.display()))
        }
        None => Ok(()),
    }
}

fn config(arguments: &Arguments) -> Result<Config> {
    let &Arguments { hosts, instances, hours, keys, ask_every, lifetime, refresh_in, seed, .. } = arguments;
    ensure!(refresh_in < lifetime, "--refresh-in must be less than --lifetime");
    Ok(Config {
        hosts: hosts.into(),
        instances: instances.into(),
        keys: keys.into(),
        length: Duration::from_secs(3600) * hours.into(),
        ask_every: Duration::from_secs(60) * ask_every.into(),
        lifetimes: Lifetimes { expires_in: lifetime, refresh_in },
        seed,
    })
}

fn processes(arguments: &Arguments, count: u16) -> Result<host_tests::fleet::real::Config> {
    Ok(host_tests::fleet::real::Config {
        program: std::env::current_exe()?,
        processes: count.into(),
        instances: arguments.instances.into(),
        keys: arguments.keys.into(),
        renewals: arguments.renewals.into(),
        store: if arguments.store == "nats" { StoreKind::Nats } else { StoreKind::Redis },
        delay: Duration::from_millis(arguments.delay),
        deadline: Duration::from_millis(arguments.deadline),
    })
}

/// Runs a scenario with and without a shared cache, each in a thread of its own.
fn both(config: Config, scenario: Scenario) -> Result<(Figures, Figures)> {
    let (progress, hours) = (Progress::start(), config.length.as_secs().div_ceil(3600));
    std::thread::scope(|scope| {
        let without = scope.spawn(|| simulation::run(config, scenario, Sharing::Nothing, &|_| {}));
        let with = simulation::run(config, scenario, Sharing::Store, &|hour| {
            progress.show(hour as usize, hours as usize, &format!("{scenario}, in hours"));
        });
        let without = without.join().expect("no panic");
        Ok((with?, without?))
    })
}

fn svg(config: &Config, runs: &[(Scenario, Figures, Figures)]) -> String {
    let panels: Vec<_> = runs
        .iter()
        .map(|(scenario, with, without)| Panel {
            title: format!(
                "{scenario}: {} requests, without a shared cache {}",
                with.requests.len(),
                without.requests.len()
            ),
            plan: scenario.plan(config.hosts, config.length, config.seed),
            with,
            without,
        })
        .collect();
    chart(&panels, config.length)
}

fn scenarios() -> PossibleValuesParser {
    Scenario::ALL.iter().map(|scenario| scenario.name()).chain(["all"]).collect::<Vec<_>>().into()
}
