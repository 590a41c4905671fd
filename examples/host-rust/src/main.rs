//! A small multi-tenant host to start from: it runs an HTTP app of WASI 0.2 for two tenants, and gives each the tokens that
//! its policy allows. `host-rust azure-identity.wasm app.wasm`, then `GET /contoso/`, `/fabrikam/`, `/metrics`, `/health`.

mod app;
mod server;

use anyhow::{Context, Result};
use app::{Apps, Tenant};
use azure_identity_wasmtime::{Cloud, HttpAuth, Policy, Provider, TenantKey};
use clap::Parser;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::Registry;
use server::Server;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Runs an HTTP app of WASI 0.2 for two tenants.
#[derive(Parser)]
struct Arguments {
    /// The provider: azure-identity.wasm.
    provider: PathBuf,
    /// The app: a component that exports wasi:http/incoming-handler and imports azure:identity/token-credential.
    app: PathBuf,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let registry = Registry::new();
    let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build()?;
    let meters = SdkMeterProvider::builder().with_reader(reader).build();

    let provider = Provider::builder()
        .inherit_env()
        .allow_azure(Cloud::Public)
        .meter(meters.meter("host-rust"))
        .load_file(&arguments.provider)
        .await?;
    let tenants = [
        ("contoso", Policy::new().allow_scope(VAULT).allow_scope(STORAGE), "use key-vault storage"),
        ("fabrikam", Policy::new().allow_scope(STORAGE), "use storage"),
    ];
    let tenants = tenants.into_iter().map(|(name, policy, rules)| {
        let identity = provider.scoped(policy).for_tenant(TenantKey::new(name));
        let network = HttpAuth::new(identity.clone(), rules)?;
        Ok((name.to_owned(), Tenant { identity, network }))
    });
    let tenants = tenants.collect::<Result<_>>()?;
    let apps = Apps::load(&arguments.app, tenants)
        .with_context(|| format!("{}: is not an app that this host can run", arguments.app.display()))?;
    for (scope, error) in provider.warm_up([VAULT, STORAGE]).await {
        eprintln!("warming up {scope}: {error}");
    }

    let server = Server::bind(arguments.listen, apps, provider.clone(), registry).await?;
    // First: a signal that has no handler yet ends the process at once.
    let signal = shutdown_signal()?;
    println!("listening on http://{}", server.address()?);
    server.run_until(signal).await;
    let cancelled = provider.shutdown(GRACE).await;
    println!("shut down, {cancelled} calls cancelled");
    Ok(())
}

/// Handles Ctrl-C and SIGTERM, by which Kubernetes ends a container; the future waits for one of them.
#[cfg(unix)]
fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Handles Ctrl-C; the future waits for it.
#[cfg(windows)]
fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

const VAULT: &str = "https://vault.azure.net/.default";
const STORAGE: &str = "https://storage.azure.com/.default";
/// How long requests in flight may take when the host is shut down.
const GRACE: Duration = Duration::from_secs(10);
