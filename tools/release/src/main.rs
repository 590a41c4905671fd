//! `cargo run -p release`: builds and publishes a release.

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Builds everything that a release publishes, and publishes it.
#[derive(Parser)]
#[command(name = "release")]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Builds everything into one folder: components, WIT packages, packages of npm, PyPI and crates, bills of materials,
    /// checksums.
    All {
        /// The folder, which is replaced.
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
}

fn main() -> Result<()> {
    let workspace = components::workspace();
    match Arguments::parse().action {
        Action::All { to } => {
            let to = to.unwrap_or_else(|| workspace.join(release::all::FOLDER));
            for file in release::all::all(&workspace, &to)? {
                println!("{}", file.display());
            }
            Ok(())
        }
    }
}
