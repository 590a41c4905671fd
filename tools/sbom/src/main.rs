//! `cargo sbom`: builds the release components and leaves a bill of materials beside each, in `target/components`.

use anyhow::{Result, bail};
use components::PUBLISHED;

fn main() -> Result<()> {
    if let Some(argument) = std::env::args().nth(1) {
        bail!("unknown argument {argument}; there is none");
    }
    for published in PUBLISHED {
        sbom::write(published, &components::workspace().join("target/components"))?;
        println!("target/components/{}.cdx.json", published.component);
    }
    Ok(())
}
