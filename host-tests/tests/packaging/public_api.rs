//! The public API of the published crates, in golden files: a change of it is a change of the file.

use crate::workspace;
use anyhow::{Context, Result, ensure};
use golden::expect_file;
use host_tests::external_tools;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

#[test]
fn the_public_api_is_that_of_the_golden_files() -> Result<()> {
    let Some(rustdoc) = external_tools::rustdoc()? else { return Ok(()) };
    let tools = TempDir::new()?;
    let rustdoc = unstable(&rustdoc, tools.path())?;
    let goldens = [
        ("azure-http-auth-rules", expect_file!["../../../crates/http-auth-rules/public-api.txt"]),
        ("azure-identity-guest", expect_file!["../../../crates/guest/public-api.txt"]),
        ("azure-identity-wasmtime", expect_file!["../../../hosts/wasmtime/public-api.txt"]),
        ("azure-simulator", expect_file!["../../../crates/azure-simulator/public-api.txt"]),
        ("azure-token-cache", expect_file!["../../../crates/token-cache/public-api.txt"]),
        ("azure-token-rules", expect_file!["../../../crates/token-rules/public-api.txt"]),
    ];
    document(&rustdoc)?;
    for (name, golden) in goldens {
        golden.assert_eq(&public_api(&workspace().join("target"), name)?);
    }
    Ok(())
}

/// Documents the libraries of the workspace, those of the published crates with all their features. A selection of crates has
/// other features of its dependencies than the tests and lints have, and checks wasmtime again.
fn document(rustdoc: &Path) -> Result<()> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["doc", "--quiet", "--locked", "--no-deps", "--lib", "--workspace", "--features", FEATURES]);
    let output = as_json(cargo.current_dir(workspace()), rustdoc).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Lets `cargo doc` write JSON.
pub fn as_json<'a>(cargo: &'a mut Command, rustdoc: &Path) -> &'a mut Command {
    cargo.env("RUSTDOC", rustdoc).env("RUSTDOCFLAGS", "-Z unstable-options --output-format json")
}

/// The public items of a crate that `cargo doc` has documented as JSON in a target folder, one a line.
pub fn public_api(target: &Path, name: &str) -> Result<String> {
    let json = target.join("doc").join(format!("{}.json", name.replace('-', "_")));
    let api =
        public_api::Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true);
    let api = api.omit_auto_derived_impls(true).build().with_context(|| name.to_owned())?;
    Ok(api.to_string())
}

/// A rustdoc that accepts unstable options, so that cargo need not build the dependencies again.
pub fn unstable(rustdoc: &Path, folder: &Path) -> Result<std::path::PathBuf> {
    let script = folder.join("rustdoc");
    fs::write(&script, format!("#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec {} \"$@\"\n", rustdoc.display()))?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    Ok(script)
}

/// Those of the published crates that are not on by default, and those that the tests have.
const FEATURES: &str = "azure-identity-guest/wasi-0-3 azure-identity-wasmtime/nats azure-identity-wasmtime/opentelemetry \
    azure-identity-wasmtime/p3 azure-identity-wasmtime/redis azure-simulator/p3 host-tests/tests";
