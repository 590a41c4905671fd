//! What is compiled once, so that a first `cargo run`, a first `cargo test` and CI take minutes and not an hour.

use crate::root;
use anyhow::{Context, Result, ensure};
use golden::expect;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// A crate that dev-dependencies give another feature is compiled twice, and so is wasmtime if it depends on it: by
/// `cargo run` and `cargo test`, and in CI by `cargo clippy --all-targets` and `cargo doc`.
#[test]
fn the_tests_share_the_crates_of_the_demo() -> Result<()> {
    let tests = compilations(&["test"])?;
    let again: Vec<_> = compilations(&["build", "--bin", "demo"])?
        .into_iter()
        .filter(|(name, variants)| {
            variants.iter().any(|it| !tests.get(name).is_some_and(|of| of.contains(it)))
        })
        .map(|(name, variants)| format!("{name}: {variants:?}, in tests {:?}", tests.get(&name)))
        .collect();
    ensure!(again.is_empty(), "give host-tests/Cargo.toml the features of the tests:\n{}", again.join("\n"));
    Ok(())
}

/// Build scripts and macros have features of their own (resolver 2), which `tools/components/Cargo.toml` makes those of the
/// programs.
#[test]
fn few_crates_are_compiled_twice() -> Result<()> {
    let twice = compilations(&["test"])?.into_iter().filter(|(_, variants)| variants.len() > 1);
    let names: Vec<_> = twice.filter_map(|(name, _)| Some(name.split_once('@')?.0.to_owned())).collect();
    expect![[r"
        cranelift-bitset
        pulley-interpreter
        wasmtime-internal-core
        wit-component"]]
    .assert_eq(&names.join("\n"));
    Ok(())
}

/// The libraries of the registry that a command compiles, and for each its variants: features and optimisation.
fn compilations(command: &[&str]) -> Result<BTreeMap<String, Vec<String>>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(command).args(["--locked", "--offline", "-Z", "unstable-options", "--unit-graph"]);
    // The unit graph is what cargo is going to compile; a stable cargo prints it with this variable.
    let output = cargo.env("RUSTC_BOOTSTRAP", "1").current_dir(root()).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let graph: Value = serde_json::from_slice(&output.stdout)?;
    let mut libraries = BTreeMap::<_, Vec<_>>::new();
    for unit in graph["units"].as_array().context("no units")? {
        let id = unit["pkg_id"].as_str().context("no id")?;
        let (source, name) = id.split_once('#').context("no name")?;
        let is_library = unit["mode"] == "build" && unit["target"]["kind"][0] != "custom-build";
        if source.starts_with("registry+") && is_library {
            let variant = format!("{}, opt-level {}", unit["features"], unit["profile"]["opt_level"]);
            libraries.entry(name.to_owned()).or_default().push(variant);
        }
    }
    ensure!(libraries.len() > 200, "only {} libraries", libraries.len());
    Ok(libraries)
}
