//! The adapters' own tests. Each adapter is a workspace of its own, whose dependencies are not the
//! component's.

use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;

#[test]
fn azure_core_passes_its_tests_and_has_the_wit_that_the_component_has() -> Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let adapter = workspace.join("adapters/azure-core");
    for file in ["types.wit", "token-credential.wit"] {
        let (ours, theirs) = (workspace.join("wit").join(file), adapter.join("wit").join(file));
        ensure!(
            std::fs::read(ours)? == std::fs::read(&theirs)?,
            "{} differs from wit/{file}",
            theirs.display()
        );
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--quiet", "--locked", "--target-dir"]).arg(workspace.join("target/adapters"));
    for variable in ["CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "RUSTFLAGS"] {
        cargo.env_remove(variable);
    }
    let output = cargo.current_dir(adapter).output()?;
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
