//! Builds the provider for WASI 0.2; with the feature `tests`, all components. `src/on_demand.rs` builds others when they are used.

use anyhow::Result;
use components::{ALL, Audience, build_for_crate};

fn main() -> Result<()> {
    let runs_tests = std::env::var_os("CARGO_FEATURE_TESTS").is_some();
    build_for_crate(ALL.iter().filter(|it| {
        if runs_tests { it.audience != Audience::Comparison } else { it.name == "azure-identity" }
    }))
}
