//! What a build script needs that compiles components.

use crate::build::build;
use crate::component::Component;
use crate::optimize::INSTALLED;
use crate::workspace::workspace;
use anyhow::Result;
use std::path::Path;

/// Builds components in the build script of a crate, which then has the path of each in a variable:
/// `env!("AZURE_IDENTITY_WASM")` for `azure-identity`.
///
/// # Errors
/// As [`build`]; also outside a build script, where `OUT_DIR` is missing.
pub fn build_for_crate<'a>(components: impl IntoIterator<Item = &'a Component>) -> Result<()> {
    for watched in WATCHED {
        println!("cargo:rerun-if-changed={}", workspace().join(watched).display());
    }
    // Cargo reruns a build script each time if it watches a file that does not exist.
    let installed = workspace().join(INSTALLED);
    if installed.is_file() {
        println!("cargo:rerun-if-changed={}", installed.display());
    }
    let out = std::env::var("OUT_DIR")?;
    for path in build(components, Path::new(&out))? {
        let name =
            path.file_stem().unwrap_or_default().to_string_lossy().to_uppercase().replace(['-', '.'], "_");
        println!("cargo:rustc-env={name}_WASM={}", path.display());
    }
    Ok(())
}

/// The sources of all components.
const WATCHED: &[&str] = &[
    "src",
    "crates/guest/src",
    "crates/guest/wit",
    "crates/http-auth-rules/src",
    "crates/token-cache/src",
    "crates/token-rules/src",
    "wit",
    "Cargo.toml",
    "Cargo.lock",
    "adapters",
    "examples",
    "host-tests/guests",
    "middleware/allow-scopes/src",
    "middleware/bindings/src",
    "middleware/fake/src",
    "middleware/http-auth/src",
    "middleware/log/src",
    "middleware/secret-environment/src",
    "middleware/secret-environment/wit",
    "middleware/token-cache/src",
    "middleware/token-cache/wit",
    "runtime/src",
    "middleware/http-auth/wit",
    "tools/components/src",
    "tools/compose/src",
    "tools/compose/wit",
];
