//! `cargo run -p release`: builds and publishes a release.

use anyhow::{Result, ensure};
use clap::Parser;
use release::all::{FOLDER, all};
use release::arguments::{Action, Arguments};
use release::publish::{publish, references};
use release::settings::Settings;
use release::{check, twice};

fn main() -> Result<()> {
    let workspace = components::workspace().canonicalize()?;
    let artifacts = workspace.join(FOLDER);
    match Arguments::parse().action {
        Action::All { to, twice } => {
            let to = to.unwrap_or(artifacts);
            all(&workspace, &to)?.iter().for_each(|file| println!("{}", file.display()));
            if twice {
                twice::compare(&workspace, &to)?;
                println!("built twice, bit for bit equal");
            }
            Ok(())
        }
        Action::Check => {
            let missing = check::missing(&workspace)?;
            missing.iter().for_each(|it| println!("{it}"));
            ensure!(missing.is_empty(), "{} things are missing before a release", missing.len());
            Ok(())
        }
        Action::Publish { dry_run, only } => publish(&workspace, &artifacts, &only, dry_run),
        Action::References => {
            let references = references(&Settings::read(&workspace)?, &artifacts)?;
            references.iter().for_each(|it| println!("{it}"));
            Ok(())
        }
    }
}
