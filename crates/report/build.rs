//! Builds the components that are floors and peers of the figures.

use anyhow::Result;
use components::{ALL, build_for_crate};

fn main() -> Result<()> {
    let wanted = [
        "by-hand",
        "caller",
        "constant",
        "crypto-alone",
        "fixed-token",
        "http-auth",
        "http-client",
        "one-get",
        "pass-through",
        "sets-a-header",
    ];
    build_for_crate(ALL.iter().filter(|component| wanted.contains(&component.name)))
}
