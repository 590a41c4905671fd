//! The demo: starts the component, asks it for a token twice, and shows what happened. Never the token.

mod scenario;
mod screen;

use anyhow::Result;
use azure_identity_component::sources::DEFAULT;
use clap::{Parser, Subcommand};
use host_tests::app::App;
use host_tests::bindings::credentials::DefaultChainOptions;
use host_tests::bindings::{AccessToken, CredentialError, TokenRequest};
use host_tests::guest::Guest;
use host_tests::journal::Journal;
use host_tests::surroundings::Surroundings;
use scenario::{Scenario, Source};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Gets a Microsoft Entra token through the component, in wasmtime, and shows where it came from.
///
/// By default everything around the component is simulated: an Azure VM with a managed identity.
#[derive(Debug, Parser)]
#[command(name = "demo", version)]
struct Arguments {
    /// What the simulated surroundings offer.
    #[arg(long, value_enum, default_value_t = Source::Imds, conflicts_with = "real")]
    source: Source,
    /// What the token is for.
    #[arg(long, default_value = "https://vault.azure.net/.default")]
    scope: String,
    /// Uses the real network, this process's environment and your ~/.azure.
    #[arg(long)]
    real: bool,
    /// Shows every request, without secrets (simulated surroundings only).
    #[arg(long, short)]
    verbose: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Asks every source by itself, on this machine, and says what is wrong with each (examples/doctor).
    Doctor {
        /// What the token is for.
        #[arg(default_value = "https://vault.azure.net/.default")]
        scope: String,
        /// Looks at simulated surroundings instead of this machine.
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
    // In simulated surroundings waiting costs nothing.
    let runtime = runtime.enable_all().start_paused(!is_real).build()?;
    match &arguments.command {
        Some(Command::Doctor { scope, simulated }) => runtime.block_on(examine(scope, *simulated)),
        None => runtime.block_on(demonstrate(&arguments)),
    }
}

async fn examine(scope: &str, simulated: Option<Source>) -> Result<ExitCode> {
    let scenario = simulated.map_or_else(Scenario::real, |source| Ok(Scenario::simulated(source)))?;
    screen::title(&scenario.title, host_tests::guest::PROVIDER)?;
    let surroundings = Surroundings { arguments: vec![scope.to_owned()], ..scenario.surroundings };
    let (success, report) = App::with_provider(env!("DOCTOR_WASM"))?.run(surroundings).await?;
    print!("{report}");
    Ok(if success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn demonstrate(arguments: &Arguments) -> Result<ExitCode> {
    let scenario = if arguments.real { Scenario::real()? } else { Scenario::simulated(arguments.source) };
    let (title, journal) = (scenario.title.clone(), scenario.journal.clone());
    let mut guest = Guest::start(scenario.surroundings).await?;
    let scopes = vec![arguments.scope.clone()];
    let request = TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false };

    let first = ask(&mut guest, &request, journal.as_deref()).await?;
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
    let second = ask(&mut guest, &request, journal.as_deref()).await?;
    let sent = journal.as_ref().map(|journal| journal.sent().len());
    screen::attempts(&skipped(&mut guest, &token, &request).await?);
    screen::token(&token, scenario.clock.now());
    screen::call("first call", first.took, first.requests, "");
    screen::call("second call", second.took, second.requests, "from the cache");
    screen::sent(arguments.verbose, journal.as_deref(), sent.unwrap_or_default(), &scenario.secrets);
    Ok(ExitCode::SUCCESS)
}

/// A call, its time and what it sent.
struct Asked {
    outcome: Result<AccessToken, CredentialError>,
    took: Duration,
    requests: Option<usize>,
}

async fn ask(guest: &mut Guest, request: &TokenRequest, journal: Option<&Journal>) -> Result<Asked> {
    let sent = || journal.map(|journal| journal.sent().len());
    let (before, began) = (sent(), Instant::now());
    let outcome = guest.get_token(request).await?;
    let took = began.elapsed();
    let requests = sent().zip(before).map(|(after, before)| after - before);
    Ok(Asked { outcome, took, requests })
}

/// Why the sources in front of the one that worked were passed over: a chain of those alone tells.
async fn skipped(
    guest: &mut Guest,
    token: &AccessToken,
    request: &TokenRequest,
) -> Result<Vec<host_tests::bindings::Attempt>> {
    let names = DEFAULT.iter().map(|source| source.name);
    let winner = names.clone().position(|name| token.source.starts_with(name)).unwrap_or_default();
    let exclude: Vec<_> = names.skip(winner).map(ToOwned::to_owned).collect();
    if exclude.len() == DEFAULT.len() {
        return Ok(Vec::new());
    }
    let options =
        DefaultChainOptions { exclude, managed_identity: None, additionally_allowed_tenants: Vec::new() };
    let (credentials, store) = guest.credentials();
    let Ok(chain) = credentials.call_default_chain(store, &options).await? else { return Ok(Vec::new()) };
    let error = guest.get_token_of(chain, request).await?.err();
    Ok(error.map(screen::as_attempts).unwrap_or_default())
}

/// Shared by the parts of the demo.
type SharedJournal = Option<Arc<Journal>>;
