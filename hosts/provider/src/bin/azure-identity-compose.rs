//! Composes an app with the provider of this package, as `wac plug` does: `azure-identity-compose app.wasm -o composed.wasm`.

use azure_identity_provider::{AZURE_IDENTITY, AZURE_IDENTITY_0_3};
use clap::Parser;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, PlugError};

/// Composes an app with the provider of Microsoft Entra access tokens, in the edition that the app imports.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The component of the app.
    app: PathBuf,
    /// The file to write.
    #[arg(short, long)]
    output: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match compose(&arguments.app).and_then(|composed| write(&arguments.output, &composed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("azure-identity-compose: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compose(app: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let bytes = std::fs::read(app).map_err(|error| format!("{} cannot be read: {error}", app.display()))?;
    let mut graph = CompositionGraph::new();
    let mut packages = Vec::new();
    for (name, bytes) in
        [("0.2", AZURE_IDENTITY.to_vec()), ("0.3", AZURE_IDENTITY_0_3.to_vec()), ("app", bytes)]
    {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut());
        let package = package.map_err(|error| format!("{} is not a component: {error:#}", app.display()))?;
        packages.push(graph.register_package(package)?);
    }
    let app = packages.pop().ok_or("there is no app")?;
    match wac_graph::plug(&mut graph, packages, app) {
        Ok(()) => Ok(graph.encode(EncodeOptions::default())?),
        Err(PlugError::NoPlugHappened) => {
            Err("the app does not import azure:identity/token-credential; does it call get_token?".into())
        }
        Err(error) => Err(error.into()),
    }
}

fn write(output: &Path, composed: &[u8]) -> Result<(), Box<dyn Error>> {
    std::fs::write(output, composed)
        .map_err(|error| format!("{} cannot be written: {error}", output.display()).into())
}
