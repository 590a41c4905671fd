//! Builds the components that the tests run.

use anyhow::Result;
use std::path::Path;

fn main() -> Result<()> {
    let workspace = components::workspace();
    for watched in [
        "src",
        "crates/token-rules/src",
        "wit",
        "Cargo.toml",
        "Cargo.lock",
        "adapters",
        "examples",
        "host-tests/guests",
        "middleware/http-auth/src",
        "runtime/src",
        "middleware/http-auth/wit",
        "tools/components/src",
    ] {
        println!("cargo:rerun-if-changed={}", workspace.join(watched).display());
    }
    let out = std::env::var("OUT_DIR")?;
    for path in components::build(components::ALL, Path::new(&out))? {
        let name =
            path.file_stem().unwrap_or_default().to_string_lossy().to_uppercase().replace(['-', '.'], "_");
        println!("cargo:rustc-env={name}_WASM={}", path.display());
    }
    Ok(())
}
