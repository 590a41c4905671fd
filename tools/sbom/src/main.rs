//! `cargo sbom`: writes the bills of materials.

use anyhow::Result;
use clap::Parser;
use components::PUBLISHED;
use std::path::PathBuf;

/// Builds the release components and writes a bill of materials beside each.
#[derive(Parser)]
#[command(name = "cargo sbom", bin_name = "cargo sbom")]
struct Arguments {
    /// The folder; by default target/components of the workspace.
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

fn main() -> Result<()> {
    let to = Arguments::parse().to.unwrap_or_else(|| components::workspace().join("target/components"));
    for published in PUBLISHED {
        println!("{}", sbom::write(published, &to)?.display());
    }
    Ok(())
}
