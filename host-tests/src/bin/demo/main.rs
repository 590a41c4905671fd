//! The demo: starts the component, requests a token twice, and prints what happened, without the token.

mod scenario;
mod screen;

use anyhow::Result;
use clap::{Parser, Subcommand};
use host_tests::app::App;
use host_tests::arguments::DefaultChainOptions;
use host_tests::bindings::{AccessToken, CredentialError, TokenRequest};
use host_tests::environment::TestEnvironment;
use host_tests::guest::Guest;
use host_tests::journal::Journal;
use host_tests::on_demand;
use scenario::{DEFAULT_CHAIN, Scenario, Source};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Gets a Microsoft Entra token through the component, in wasmtime, and shows its source.
///
/// By default the environment of the component is simulated: an Azure VM with a managed identity.
#[derive(Debug, Parser)]
#[command(name = "demo", version)]
struct Arguments {
    /// The credential in the simulated environment.
    #[arg(long, value_enum, default_value_t = Source::Imds, conflicts_with = "real")]
    source: Source,
    /// The scope of the token.
    #[arg(long, default_value = "https://vault.azure.net/.default")]
    scope: String,
    /// Use the real network, the environment of this process, and your ~/.azure.
    #[arg(long)]
    real: bool,
    /// Show every request, without secrets (in a simulated environment only).
    #[arg(long, short)]
    verbose: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Call every source on this machine separately, and report why each of them fails (examples/doctor).
    Doctor {
        /// The scope of the token.
        #[arg(default_value = "https://vault.azure.net/.default")]
        scope: String,
        /// Inspect a simulated environment instead of this machine.
        #[arg(long, value_enum)]
        simulated: Option<Source>,
    },
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let is_real = match &arguments.command {
        Some(Command::Doctor { simulated, .. }) => simulated.is_none(),
        None => arguments.real,
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    // In a simulated environment the clock is paused, so waiting takes no time.
    let runtime = runtime.enable_all().start_paused(!is_real).build()?;
    match &arguments.command {
        Some(Command::Doctor { scope, simulated }) => runtime.block_on(diagnose(scope, *simulated)),
        None => runtime.block_on(demonstrate(&arguments)),
    }
}

async fn diagnose(scope: &str, simulated: Option<Source>) -> Result<ExitCode> {
    let scenario = simulated.map_or_else(Scenario::real, |source| Ok(Scenario::simulated(source)))?;
    screen::title(&scenario.title, host_tests::guest::PROVIDER)?;
    let environment = TestEnvironment { arguments: vec![scope.to_owned()], ..scenario.environment };
    let (success, report) = App::with_provider(on_demand::component("doctor", option_env!("DOCTOR_WASM")))?
        .run(environment)
        .await?;
    print!("{report}");
    Ok(if success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn demonstrate(arguments: &Arguments) -> Result<ExitCode> {
    let scenario = if arguments.real { Scenario::real()? } else { Scenario::simulated(arguments.source) };
    let (title, journal) = (scenario.title.clone(), scenario.journal.clone());
    let mut guest = Guest::start(scenario.environment).await?;
    let scopes = vec![arguments.scope.clone()];
    let request =
        TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() };

    let first = get_token(&mut guest, &request, journal.as_deref()).await?;
    screen::title(&title, host_tests::guest::PROVIDER)?;
    let token = match first.outcome {
        Ok(token) => token,
        Err(error) => {
            screen::attempts(&error.attempts);
            screen::error(&error);
            screen::requests(arguments.verbose, journal.as_deref(), &scenario.secrets);
            return Ok(ExitCode::FAILURE);
        }
    };
    let second = get_token(&mut guest, &request, journal.as_deref()).await?;
    let sent = journal.as_ref().map(|journal| journal.sent().len());
    screen::attempts(&skipped(&mut guest, &token, &request).await?);
    screen::token(&token, scenario.clock.now());
    screen::call("first call", first.took, first.requests, "");
    screen::call("second call", second.took, second.requests, "from the cache");
    screen::sent(arguments.verbose, journal.as_deref(), sent.unwrap_or_default(), &scenario.secrets);
    Ok(ExitCode::SUCCESS)
}

/// A call: its outcome, its duration, and the number of its requests.
struct Call {
    outcome: Result<AccessToken, CredentialError>,
    took: Duration,
    requests: Option<usize>,
}

async fn get_token(guest: &mut Guest, request: &TokenRequest, journal: Option<&Journal>) -> Result<Call> {
    let sent = || journal.map(|journal| journal.sent().len());
    let (before, began) = (sent(), Instant::now());
    let outcome = guest.get_token(request).await?;
    let took = began.elapsed();
    let requests = sent().zip(before).map(|(after, before)| after - before);
    Ok(Call { outcome, took, requests })
}

/// The attempts of the sources before the successful one. A successful call does not report them, so a chain of these
/// sources alone is called.
async fn skipped(
    guest: &mut Guest,
    token: &AccessToken,
    request: &TokenRequest,
) -> Result<Vec<host_tests::bindings::Attempt>> {
    let successful = DEFAULT_CHAIN.iter().position(|name| token.source.starts_with(name)).unwrap_or_default();
    let exclude: Vec<_> = DEFAULT_CHAIN.iter().skip(successful).map(|name| (*name).to_owned()).collect();
    if exclude.len() == DEFAULT_CHAIN.len() {
        return Ok(Vec::new());
    }
    let options = DefaultChainOptions { exclude, ..DefaultChainOptions::default() };
    let (credentials, store) = guest.credentials();
    let Ok(chain) = credentials.call_default_chain(store, &options).await? else { return Ok(Vec::new()) };
    let error = guest.get_token_of(chain, request).await?.err();
    Ok(error.map(screen::as_attempts).unwrap_or_default())
}
