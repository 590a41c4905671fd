//! The command line.

use crate::publish::Part;
use clap::{Command, CommandFactory, Parser, Subcommand};
use std::path::PathBuf;

/// The command line, as a definition that parses arguments.
///
/// ```
/// let arguments = release::arguments::command().try_get_matches_from(["release", "all", "--twice"])?;
/// assert_eq!(arguments.subcommand_name(), Some("all"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn command() -> Command {
    Arguments::command()
}

/// Builds everything that a release publishes, and publishes it.
#[derive(Debug, Parser)]
#[command(name = "release")]
pub struct Arguments {
    /// What is done.
    #[command(subcommand)]
    pub action: Action,
}

/// What is done.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Builds everything into one folder: components, WIT packages, packages of npm, PyPI and crates, bills of materials,
    /// checksums.
    All {
        /// The folder, which is replaced; by default target/release-artifacts.
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
        /// Builds everything again from a copy of the project in another folder, and compares.
        #[arg(long)]
        twice: bool,
    },
    /// Names what is missing before a release: addresses, the date in CHANGELOG.md, the tag.
    Check,
    /// Runs the commands that publish target/release-artifacts, in order.
    Publish {
        /// Prints the commands and runs none.
        #[arg(long)]
        dry_run: bool,
        /// The parts; by default all.
        #[arg(long, value_enum, num_args = 1.., value_name = "PART")]
        only: Vec<Part>,
    },
    /// Prints the references of the components and WIT packages in the OCI registry, which are signed there.
    References,
}
