//! The simulated Azure on a loopback socket: `cargo run -p azure-simulator -- --help`.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use azure_simulator::clock::SystemClock;
use azure_simulator::duration::Pause;
use azure_simulator::fault::FaultSettings;
use azure_simulator::journal::Entry;
use azure_simulator::{Azure, Settings, server, settings};
use clap::Parser;
use tokio::net::TcpListener;

/// A simulated Azure for tests: the metadata service (IMDS), Microsoft Entra ID, Key Vault on one port.
///
/// It refuses what the real services refuse, and signs its tokens with a key that everybody knows.
/// Each request is one line on standard output, without secrets. Ctrl-C ends it.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Arguments {
    /// Where to listen; port 0 takes any free port and prints it.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8169")]
    listen: SocketAddr,

    /// What Azure looks like, as TOML: tenants, applications, users, managed identities, faults.
    ///
    /// Without it there is one tenant with one application, one user, and a virtual machine with one
    /// system-assigned and one user-assigned identity.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,

    /// Something that breaks: a fake and a status or a kind of failure, e.g. `imds=503`; may be repeated.
    ///
    /// Fakes: imds, entra, adfs, app-service, azure-arc and so on, or all. Kinds: reset, hang, truncated, hang-mid-body, drip, refused,
    /// connect-timeout, dns-error, tls-error, denied; those that a socket cannot show reset the
    /// connection or never answer. More, separated by commas: times=N (then no more), after=N (let N
    /// requests through first), path=REGEX, retry-after=SECONDS, retry-after-ms=MILLISECONDS,
    /// delay=300ms, bytes=N and every=100ms (truncated, hang-mid-body, drip), status=N (spoil this
    /// response instead of the true one).
    #[arg(long = "fault", value_name = "FAKE=FAULT[,…]")]
    faults: Vec<FaultSettings>,

    /// How long to hold back every answer, e.g. 300ms or 2s.
    #[arg(long, value_name = "DURATION", default_value = "0ms")]
    delay: Pause,

    /// Listen even on an address that other machines can reach.
    ///
    /// Whoever reaches it gets tokens that look real, for identities of their choice.
    #[arg(long)]
    allow_remote: bool,

    /// Do not write the requests to standard output.
    #[arg(long)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  azure-simulator                                         all is well
  azure-simulator --fault imds=503,times=2,retry-after=1  the metadata service fails twice
  azure-simulator --fault entra=hang                      Microsoft Entra ID accepts and never answers
  azure-simulator --fault all=truncated,bytes=20          every answer breaks off
  azure-simulator --listen 127.0.0.1:0 --delay 300ms      any free port, slowly";

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("azure-simulator: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    if !arguments.listen.ip().is_loopback() && !arguments.allow_remote {
        bail!("{} is not a loopback address; --allow-remote listens there all the same", arguments.listen);
    }
    let mut settings = arguments.settings.as_deref().map_or_else(|| Ok(Settings::default()), read)?;
    settings.faults.splice(0..0, arguments.faults);
    let listening = TcpListener::bind(arguments.listen).await;
    let listener = listening.with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let stop = interruptions().await;
    greet(listener.local_addr()?, &settings);
    let azure = Azure::new(SystemClock, settings);
    let azure = if arguments.quiet { azure } else { azure.observed_by(print) };
    server::serve(listener, azure, arguments.delay.0, stop).await?;
    say("stopped");
    Ok(())
}

fn read(path: &Path) -> Result<Settings> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} does not describe an Azure", path.display()))
}

/// Tells how to point a provider here.
fn greet(address: SocketAddr, settings: &Settings) {
    say(&format!("the simulated Azure listens on http://{address}; point a provider to it with:"));
    say("");
    say("  # managed identity");
    say(&format!("  AZURE_POD_IDENTITY_AUTHORITY_HOST=http://{address}"));
    say("  # managed identity on App Service");
    say(&format!("  IDENTITY_ENDPOINT=http://{address}/msi/token"));
    say(&format!("  IDENTITY_HEADER={}", settings.managed_hosts.header));
    say("  # service principal");
    say(&format!("  AZURE_AUTHORITY_HOST=http://{address}"));
    if let (Some(tenant), Some(application)) = (settings.tenants.first(), settings.applications.first()) {
        say(&format!("  AZURE_TENANT_ID={}", tenant.id));
        say(&format!("  AZURE_CLIENT_ID={}", application.client_id));
        if application.secrets.iter().any(|it| it == settings::CLIENT_SECRET) {
            say(&format!("  AZURE_CLIENT_SECRET='{}'", settings::CLIENT_SECRET));
        }
    }
    if let Some(vault) = settings.key_vaults.first() {
        say(&format!("the vault {} is at http://{address}, for apps that can be told so", vault.name));
    }
    say("");
}

fn print(entry: &Entry) {
    say(&entry.to_string());
}

/// One line, at once: the reader may be a program at the other end of a pipe, or gone.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Waits for Ctrl-C; from when this returns, Ctrl-C no longer ends the program at once.
async fn interruptions() -> impl Future<Output = ()> {
    let mut interrupt = Box::pin(tokio::signal::ctrl_c());
    // The first poll puts the handler in place; whoever reads the greeting may send the signal at once.
    let early = tokio::select! {
        biased;
        result = &mut interrupt => Some(result),
        () = std::future::ready(()) => None,
    };
    async move {
        let result = match early {
            Some(result) => result,
            None => interrupt.await,
        };
        if result.is_err() {
            std::future::pending().await // no such signal here; the program ends when it is killed
        }
    }
}
