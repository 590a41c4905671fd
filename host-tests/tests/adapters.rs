//! The tests of separate workspaces, whose dependencies must not become those of the component or the test host: the
//! adapters, and the bills of materials.

use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn azure_core_passes_its_tests() -> Result<()> {
    passes_its_tests(&workspace().join("adapters/azure-core"), "target/adapters")
}

#[test]
fn sbom_passes_its_tests() -> Result<()> {
    passes_its_tests(&workspace().join("tools/sbom"), "target/sbom")
}

fn passes_its_tests(folder: &Path, target: &str) -> Result<()> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--quiet", "--locked", "--target-dir"]).arg(workspace().join(target));
    for variable in ["CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "RUSTFLAGS"] {
        cargo.env_remove(variable);
    }
    let output = cargo.current_dir(folder).output()?;
    let printed =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    ensure!(output.status.success(), "{printed}");
    let passed = printed
        .split("test result: ok. ")
        .skip(1)
        .filter_map(|rest| rest.split(' ').next()?.parse::<u32>().ok());
    ensure!(passed.sum::<u32>() > 0, "no tests were run:\n{printed}");
    Ok(())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
