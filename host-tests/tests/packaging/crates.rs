//! The published crates, as `cargo publish` would send them.

use crate::workspace;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// The crates and their folders.
const PUBLISHED: &[(&str, &str)] = &[
    ("azure-core-wasi", "adapters/azure-core"),
    ("azure-http-auth-rules", "crates/http-auth-rules"),
    ("azure-identity-guest", "crates/guest"),
    // Its components are no part of the repository; the release tool adds them (`tools/release/src/provider_crate.rs`).
    ("azure-identity-provider", "hosts/provider"),
    ("azure-identity-wasmtime", "hosts/wasmtime"),
    ("azure-simulator", "crates/azure-simulator"),
    ("azure-token-cache", "crates/token-cache"),
    ("azure-token-rules", "crates/token-rules"),
];

#[test]
fn a_package_contains_the_files_of_its_crate_and_nothing_else() -> Result<()> {
    for (name, folder) in PUBLISHED {
        let listed = cargo(folder, &["package", "--list", "--allow-dirty", "--package", name])?;
        let listed: BTreeSet<_> = listed.lines().map(|line| line.replace('\\', "/")).collect();
        let mut expected: BTreeSet<_> =
            ["keys", "src", "wit"].iter().flat_map(|part| files(folder, part)).collect();
        expected.extend(["Cargo.lock", "Cargo.toml", "Cargo.toml.orig", "README.md"].map(str::to_owned));
        expected.extend(["LICENSE-APACHE", "LICENSE-MIT"].map(str::to_owned));
        expected.extend(Some("build.rs".to_owned()).filter(|it| workspace().join(folder).join(it).is_file()));
        // The commit of the package, which is absent outside a repository.
        let commit = ".cargo_vcs_info.json".to_owned();
        assert_eq!(listed.difference(&BTreeSet::from([commit])).cloned().collect::<BTreeSet<_>>(), expected);
    }
    Ok(())
}

#[test]
fn the_licences_are_those_of_the_project() -> Result<()> {
    for (_, folder) in PUBLISHED {
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let theirs = fs::read(workspace().join(folder).join(licence))?;
            assert!(theirs == fs::read(workspace().join(licence))?, "{folder}/{licence} is another one");
        }
    }
    Ok(())
}

#[test]
fn the_crate_for_guests_has_the_interfaces_of_the_provider() -> Result<()> {
    for generation in ["0.2", "0.3"] {
        for file in ["types.wit", "token-credential.wit"] {
            let ours = workspace().join("wit").join(generation).join(file);
            let theirs = workspace().join("crates/guest/wit").join(generation).join(file);
            ensure!(
                fs::read(ours)? == fs::read(&theirs)?,
                "{} differs from wit/{generation}",
                theirs.display()
            );
        }
    }
    Ok(())
}

#[test]
fn a_crate_has_complete_metadata() -> Result<()> {
    for (name, folder) in PUBLISHED {
        let package = package(folder, name)?;
        for field in ["description", "license", "readme", "rust_version"] {
            ensure!(package[field].as_str().is_some_and(|it| !it.is_empty()), "{name} has no {field}");
        }
        for field in ["categories", "keywords"] {
            let words = package[field].as_array().map_or(0, Vec::len);
            ensure!((1..=5).contains(&words), "{name} has {words} {field}; the registry accepts one to five");
        }
        assert_eq!(package["license"], components::LICENCE, "{name}");
        let dependencies = package["dependencies"].as_array().context("there are dependencies")?;
        for dependency in dependencies.iter().filter(|it| it["kind"].is_null() && !it["path"].is_null()) {
            let is_published = PUBLISHED.iter().any(|(other, _)| dependency["name"] == *other);
            ensure!(is_published, "{name} needs {}, which is not published", dependency["name"]);
            // In the registry, the version takes the place of the path.
            assert_eq!(
                dependency["req"],
                concat!("^", env!("CARGO_PKG_VERSION")),
                "{name}: {}",
                dependency["name"]
            );
        }
    }
    Ok(())
}

#[test]
fn every_package_has_the_version_of_the_project() -> Result<()> {
    for package in all()?.iter().filter(|it| !is_an_example(it)) {
        assert_eq!(package["version"], env!("CARGO_PKG_VERSION"), "{}", package["name"]);
    }
    Ok(())
}

#[test]
fn no_other_package_can_be_published() -> Result<()> {
    let may_be_published: BTreeSet<_> = all()?
        .iter()
        .filter(|package| package["publish"].is_null())
        .filter_map(|package| Some(package["name"].as_str()?.to_owned()))
        .collect();
    assert_eq!(may_be_published, PUBLISHED.iter().map(|(name, _)| (*name).to_owned()).collect());
    Ok(())
}

fn package(folder: &str, name: &str) -> Result<Value> {
    let mut packages = packages(folder)?.into_iter();
    packages.find(|it| it["name"] == name).with_context(|| format!("there is no {name} in {folder}"))
}

/// The packages of all workspaces except those of guests.
fn all() -> Result<Vec<Value>> {
    let workspaces = [".", "adapters/azure-core", "hosts/provider", "tools/sbom"].map(packages);
    Ok(workspaces.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

/// Whether the package is an example, which has no version.
fn is_an_example(package: &Value) -> bool {
    package["version"] == "0.0.0"
}

/// The packages of the workspace that contains this folder.
fn packages(folder: &str) -> Result<Vec<Value>> {
    let metadata = cargo(folder, &["metadata", "--no-deps", "--format-version", "1"])?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    metadata["packages"].as_array().cloned().context("there are packages")
}

fn cargo(folder: &str, arguments: &[&str]) -> Result<String> {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(arguments).arg("--locked").current_dir(workspace().join(folder)).output()?;
    ensure!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The files below `part` of a crate's folder, by their names in the package.
fn files(folder: &str, part: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(workspace().join(folder).join(part)) else { return Vec::new() };
    let entries = entries.flatten().flat_map(|entry| {
        let name = format!("{part}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { files(folder, &name) } else { vec![name] }
    });
    entries.collect()
}
