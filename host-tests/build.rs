//! Builds the components that the demo runs; with the feature `tests`, all components.

use anyhow::Result;
use components::{ALL, build_for_crate};

fn main() -> Result<()> {
    let runs_tests = std::env::var_os("CARGO_FEATURE_TESTS").is_some();
    build_for_crate(
        ALL.iter().filter(|it| runs_tests || it.package == "azure-identity-component" || it.name == "doctor"),
    )
}
