//! Builds the components that are floors of the figures.

use anyhow::Result;
use components::{ALL, build_for_crate};

fn main() -> Result<()> {
    let floors = ["caller", "constant", "fixed-token", "one-get"];
    build_for_crate(ALL.iter().filter(|component| floors.contains(&component.name)))
}
