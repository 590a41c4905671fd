//! `cargo sbom`: writes the bills of materials.

use anyhow::Result;
use clap::Parser;
use components::PUBLISHED;

/// Builds the release components into target/components and writes a bill of materials beside each.
#[derive(Parser)]
#[command(name = "cargo sbom", bin_name = "cargo sbom")]
struct Arguments {}

fn main() -> Result<()> {
    Arguments::parse();
    for published in PUBLISHED {
        sbom::write(published, &components::workspace().join("target/components"))?;
        println!("target/components/{}.cdx.json", published.component);
    }
    Ok(())
}
