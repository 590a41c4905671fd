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
    /// The components; by default all.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
}

fn main() -> Result<()> {
    let Arguments { to, only } = Arguments::parse();
    let to = to.unwrap_or_else(|| components::workspace().join("target/components"));
    let is_selected = |name: &str| only.is_empty() || only.iter().any(|it| it == name);
    for published in PUBLISHED.iter().filter(|it| is_selected(it.component)) {
        println!("{}", sbom::write(published, &to)?.display());
    }
    Ok(())
}
