//! The simulated Azure on a loopback socket: `cargo run -p azure-simulator -- --help`.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use azure_simulator::clock::SystemClock;
use azure_simulator::journal::Entry;
use azure_simulator::settings::FaultSettings;
use azure_simulator::{Azure, Settings, environment, parse_duration, server};
use clap::Parser;
use tokio::net::TcpListener;

/// A simulated Azure for tests: managed identity endpoints, Microsoft Entra ID and Key Vault on one port.
///
/// It refuses what the real services refuse, and signs its tokens with a key that is public. It prints each request
/// on one line, without secrets, until Ctrl-C ends it.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Arguments {
    /// The address to listen on; port 0 is any free port.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8169")]
    listen: SocketAddr,

    /// What exists, as TOML: tenants, applications, users, managed identities, key vaults, faults.
    ///
    /// The default is one tenant with one application and one user, a virtual machine with one system-assigned and one
    /// user-assigned identity, and one key vault.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,

    /// A fault: a service, and a status or a kind, e.g. `imds=503`. May be repeated.
    ///
    /// Services: imds, app-service, azure-arc, azure-ml, cloud-shell, service-fabric, entra, adfs, azure-devops,
    /// key-vault, or all.
    ///
    /// Kinds: reset, hang, truncated, hang-mid-body, drip, duplicate-headers, empty, html, invalid-utf8, not-json,
    /// oversized, redirect, wrong-content-type. A socket cannot show refused, dns-error, tls-error, denied and
    /// unroutable, which reset the connection, and connect-timeout, which never responds.
    ///
    /// More, separated by commas: times=N (fail N requests), after=N (let N requests succeed first), path=REGEX,
    /// retry-after=SECONDS, retry-after-ms=MILLISECONDS, delay=300ms, bytes=N and every=100ms (truncated,
    /// hang-mid-body, drip), status=N (apply the kind to a response with this status in place of the service's).
    #[arg(long = "fault", value_name = "SERVICE=FAULT[,…]")]
    faults: Vec<FaultSettings>,

    /// A delay of every response, e.g. 300ms or 2s.
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = parse_duration)]
    delay: Duration,

    /// Listen on an address that other machines can reach, too.
    ///
    /// Every machine that reaches it receives tokens for any identity of the settings.
    #[arg(long)]
    allow_remote: bool,

    /// Do not print the requests.
    #[arg(long)]
    quiet: bool,

    /// Print JSON, one document a line: the address and the variables of a credential, then each request.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  azure-simulator                                         no faults
  azure-simulator --fault imds=503,times=2,retry-after=1  the metadata service fails twice
  azure-simulator --fault entra=hang                      Microsoft Entra ID accepts connections and never responds
  azure-simulator --fault all=truncated,bytes=20          every body ends after 20 bytes
  azure-simulator --listen 127.0.0.1:0 --delay 300ms      any free port, slow responses";

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
        bail!("{} is not a loopback address; pass --allow-remote to listen on it", arguments.listen);
    }
    let mut settings = match &arguments.settings {
        Some(file) => read_settings(file)?,
        None => Settings::default(),
    };
    settings.faults.splice(0..0, arguments.faults);
    let listener = listen(arguments.listen).await?;
    let stop = interrupt_signal().await;
    let (greet, print, stopped): (Greet, Print, &str) = match arguments.json {
        true => (greet_in_json, print_json, r#"{"stopped":true}"#),
        false => (greet, print_entry, "stopped"),
    };
    greet(listener.local_addr()?, &settings);
    let azure = Azure::new(SystemClock, settings);
    let azure = if arguments.quiet { azure } else { azure.observed_by(print) };
    server::serve(listener, azure, arguments.delay, stop).await?;
    print_line(stopped);
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let remedy = match error.kind() {
            io::ErrorKind::AddrInUse => "; choose another port: --listen 127.0.0.1:0 takes any that is free",
            _ => "; choose another address with --listen",
        };
        anyhow!("cannot listen on {address}: {error}{remedy}")
    })
}

fn read_settings(path: &Path) -> Result<Settings> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse().with_context(|| format!("{} does not describe an Azure", path.display()))
}

type Greet = fn(SocketAddr, &Settings);
type Print = fn(&Entry);

/// Prints how to point a credential to the simulator, for programs.
fn greet_in_json(address: SocketAddr, settings: &Settings) {
    let variables: serde_json::Map<_, _> =
        environment(address, settings).into_iter().map(|(name, value)| (name, value.into())).collect();
    let vaults: Vec<_> = settings.key_vaults.iter().map(|vault| &vault.name).collect();
    let greeting = serde_json::json!({
        "address": address.to_string(), "environment": variables, "key-vaults": vaults,
    });
    print_line(&greeting.to_string());
}

fn print_json(entry: &Entry) {
    print_line(&serde_json::to_string(entry).expect("an entry is JSON"));
}

/// Prints how to point a credential to the simulator.
fn greet(address: SocketAddr, settings: &Settings) {
    print_line(&format!(
        "the simulated Azure listens on http://{address}; the variables of a credential are:"
    ));
    print_line("");
    for (name, value) in environment(address, settings) {
        match name.as_str() {
            "AZURE_POD_IDENTITY_AUTHORITY_HOST" => print_line("  # managed identity of a virtual machine"),
            "IDENTITY_ENDPOINT" => print_line("  # managed identity on App Service"),
            "AZURE_AUTHORITY_HOST" => print_line("  # service principal"),
            _ => {}
        }
        let is_plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:".contains(c));
        let quote = if is_plain { "" } else { "'" };
        print_line(&format!("  {name}={quote}{value}{quote}"));
    }
    if let Some(vault) = settings.key_vaults.first() {
        print_line(&format!("the vault {} is at http://{address}, too", vault.name));
    }
    print_line(&format!("to watch requests and switch faults, open http://{address} in a browser"));
    print_line("");
}

fn print_entry(entry: &Entry) {
    print_line(&entry.to_string());
}

/// Prints a line and flushes it: the reader may be a program that waits for it. A reader that is gone is no error.
fn print_line(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Returns a future that completes on Ctrl-C. Once this function has returned, Ctrl-C does not end the process any more.
async fn interrupt_signal() -> impl Future<Output = ()> {
    let mut interrupt = Box::pin(tokio::signal::ctrl_c());
    // The first poll installs the handler, so that a signal right after the greeting is not missed.
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
            // The system has no such signal; the program runs until it is killed.
            std::future::pending().await
        }
    }
}
