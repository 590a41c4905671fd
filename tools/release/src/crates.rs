//! The packages of the crates, as `cargo package` makes them.

use crate::command::{cargo, run, step};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of the workspaces with crates that are published. A workspace stands behind those that it depends on.
pub const WORKSPACES: &[&str] = &[".", "adapters/azure-core"];

/// Packs every published crate into `to`, without building it, and returns the packages.
///
/// # Errors
/// When cargo fails.
pub fn pack(workspace: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(to)?;
    let mut files = Vec::new();
    for folder in WORKSPACES {
        let crates = published(&workspace.join(folder))?;
        step(&format!("cargo package {}", names(&crates).join(" ")));
        let target = tempfile::tempdir()?;
        let mut command = cargo();
        command.args(["package", "--quiet", "--no-verify", "--locked", "--allow-dirty", "--target-dir"]);
        command.arg(target.path());
        // Crates of a workspace before this one: the registry does not have this version of them yet.
        for (name, path) in crates.iter().flat_map(|it| &it.patches) {
            command.arg("--config").arg(format!("patch.crates-io.{name}.path={path:?}"));
        }
        for name in names(&crates) {
            command.args(["--package", name]);
        }
        run(command.current_dir(workspace.join(folder)))?;
        for it in &crates {
            let name = format!("{}-{}.crate", it.name, it.version);
            fs::copy(target.path().join("package").join(&name), to.join(&name))?;
            files.push(to.join(name));
        }
    }
    Ok(files)
}

/// A published crate.
#[derive(Debug, PartialEq, Eq)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The published crates of its workspace that it depends on.
    needs: BTreeSet<String>,
    /// The crates of other workspaces that it depends on, with their folders.
    patches: BTreeSet<(String, String)>,
}

/// The crates of a workspace that are published: those whose manifest does not forbid it. A crate stands behind those that
/// it depends on.
///
/// # Errors
/// When cargo fails.
pub fn published(folder: &Path) -> Result<Vec<Crate>> {
    let mut command = cargo();
    command.args(["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&run(command.current_dir(folder))?)?;
    let packages = metadata["packages"].as_array().context("cargo lists no packages")?;
    let members: BTreeSet<String> =
        packages.iter().filter_map(|it| it["name"].as_str().map(str::to_owned)).collect();
    let mut left: Vec<Crate> =
        packages.iter().filter(|it| it["publish"].is_null()).map(from_metadata).collect::<Result<_>>()?;
    left.sort_by(|one, other| one.name.cmp(&other.name));
    let all: BTreeSet<String> = left.iter().map(|it| it.name.clone()).collect();
    for it in &mut left {
        it.needs.retain(|name| all.contains(name));
        it.patches.retain(|(name, _)| !members.contains(name));
    }
    let mut ordered: Vec<Crate> = Vec::new();
    while !left.is_empty() {
        let is_ready = |it: &Crate| it.needs.iter().all(|need| ordered.iter().any(|it| it.name == *need));
        let next =
            left.iter().position(is_ready).context("published crates depend on each other in a circle")?;
        ordered.push(left.remove(next));
    }
    Ok(ordered)
}

fn from_metadata(package: &Value) -> Result<Crate> {
    let text = |value: &Value| value.as_str().map(str::to_owned).context("cargo's metadata lacks a name");
    let dependencies = package["dependencies"].as_array().context("cargo lists no dependencies")?;
    // Those for tests do not count: cargo leaves the ones without a version out.
    let needs = dependencies.iter().filter(|it| it["kind"] != "dev").map(|it| text(&it["name"]));
    let patches = dependencies.iter().filter(|it| it["path"].is_string());
    let patches = patches.map(|it| Ok((text(&it["name"])?, text(&it["path"])?)));
    Ok(Crate {
        name: text(&package["name"])?,
        version: text(&package["version"])?,
        needs: needs.collect::<Result<_>>()?,
        patches: patches.collect::<Result<_>>()?,
    })
}

fn names(crates: &[Crate]) -> Vec<&str> {
    crates.iter().map(|it| it.name.as_str()).collect()
}
