//! The tests of what is a workspace of its own, so that its dependencies are not the component's and not the test
//! host's: the adapters, and the bills of materials.

use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn azure_core_passes_its_tests_and_has_the_wit_that_the_component_has() -> Result<()> {
    let adapter = workspace().join("adapters/azure-core");
    for file in ["types.wit", "token-credential.wit"] {
        let (ours, theirs) = (workspace().join("wit/0.2").join(file), adapter.join("wit").join(file));
        ensure!(
            std::fs::read(ours)? == std::fs::read(&theirs)?,
            "{} differs from wit/0.2/{file}",
            theirs.display()
        );
    }
    passes_its_tests(&adapter, "target/adapters")
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
    let said =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    ensure!(output.status.success(), "{said}");
    let passed = said
        .split("test result: ok. ")
        .skip(1)
        .filter_map(|rest| rest.split(' ').next()?.parse::<u32>().ok());
    ensure!(passed.sum::<u32>() > 0, "there were no tests:\n{said}");
    Ok(())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
