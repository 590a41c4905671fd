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
    /// A component between the app and the provider, e.g. token-cache.wasm; may be repeated, from the app to the provider.
    #[arg(long, value_name = "COMPONENT")]
    plug: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match compose(&arguments.app, &arguments.plug).and_then(|composed| write(&arguments.output, &composed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("azure-identity-compose: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compose(app: &Path, plugs: &[PathBuf]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut composed = read(app)?;
    for path in plugs {
        let name = path.display();
        composed = plug(&composed, &[read(path)?], &name.to_string())?.ok_or_else(|| {
            format!("{name} exports nothing that the app with the components before it still imports; one that wraps another stands before it")
        })?;
    }
    let providers = [AZURE_IDENTITY.to_vec(), AZURE_IDENTITY_0_3.to_vec()];
    let composed = plug(&composed, &providers, "the provider")?;
    composed.ok_or_else(|| {
        "the app does not import azure:identity/token-credential; does it call get_token?".into()
    })
}

/// Plugs components into the imports of another; `None`: it imports nothing that they export.
fn plug(app: &[u8], plugs: &[Vec<u8>], name: &str) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
    let mut graph = CompositionGraph::new();
    let mut register = |name: &str, bytes: &[u8]| -> Result<_, Box<dyn Error>> {
        let package = Package::from_bytes(name, None, bytes.to_vec(), graph.types_mut());
        let package = package.map_err(|error| format!("{name} is not a component: {error:#}"))?;
        Ok(graph.register_package(package)?)
    };
    let app = register("the app", app)?;
    let numbered = plugs.iter().enumerate();
    let plugs = numbered.map(|(number, bytes)| register(&format!("{name} {number}"), bytes));
    let plugs = plugs.collect::<Result<Vec<_>, _>>()?;
    match wac_graph::plug(&mut graph, plugs, app) {
        Ok(()) => Ok(Some(graph.encode(EncodeOptions::default())?)),
        Err(PlugError::NoPlugHappened) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()).into())
}

fn write(output: &Path, composed: &[u8]) -> Result<(), Box<dyn Error>> {
    std::fs::write(output, composed)
        .map_err(|error| format!("{} cannot be written: {error}", output.display()).into())
}
