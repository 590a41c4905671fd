//! `provenance.json`: what was built, from what, with what.

use crate::command::{cargo, git, run, source_date_epoch, tool};
use crate::settings::Settings;
use crate::sums;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Writes a statement of in-toto about the files of a folder into its file `provenance.json`, with a predicate of SLSA's
/// provenance v1 (<https://slsa.dev/spec/v1.0/provenance>).
///
/// The statement is not signed, and has no time: the same commit, built with the same tools, has the same statement. The
/// service that builds a release signs a statement of its own about the same digests.
///
/// # Errors
/// When the workspace is not a repository of git, or a tool does not name its version.
pub fn write(workspace: &Path, settings: &Settings, folder: &Path) -> Result<()> {
    let files = sums::files(folder)?.into_iter();
    let subjects = files.map(|name| {
        let digest = sums::sha256(&fs::read(folder.join(&name))?);
        Ok(json!({ "name": name, "digest": { "sha256": digest } }))
    });
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects.collect::<Result<Vec<_>>>()?,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": format!("{}/blob/main/docs/verify.md", settings.repository),
                "externalParameters": { "command": "cargo run -p release -- all" },
                "internalParameters": internal_parameters(workspace)?,
                "resolvedDependencies": dependencies(workspace, settings)?,
            },
            "runDetails": { "builder": { "id": settings.repository, "version": versions(workspace)? } },
        },
    });
    fs::write(folder.join(FILE), serde_json::to_string_pretty(&statement)? + "\n")?;
    Ok(())
}

fn internal_parameters(workspace: &Path) -> Result<Value> {
    let changes = git(workspace, &["status", "--porcelain"])?;
    Ok(
        json!({ "SOURCE_DATE_EPOCH": source_date_epoch(workspace)?, "uncommittedChanges": !changes.is_empty() }),
    )
}

/// The commit, and the files that name every package that is compiled or run.
fn dependencies(workspace: &Path, settings: &Settings) -> Result<Vec<Value>> {
    let commit = git(workspace, &["rev-parse", "HEAD"])?;
    let source = json!({ "uri": format!("git+{}", settings.repository), "digest": { "gitCommit": commit } });
    let locks = LOCKS.iter().map(|name| {
        let bytes = fs::read(workspace.join(name)).with_context(|| format!("no {name}"))?;
        Ok(json!({ "name": name, "digest": { "sha256": sums::sha256(&bytes) } }))
    });
    std::iter::once(Ok(source)).chain(locks).collect()
}

/// The versions of the programs whose output is in the files.
fn versions(workspace: &Path) -> Result<Map<String, Value>> {
    let optimizer = workspace.join("target/tools/node/node_modules/binaryen/bin/wasm-opt");
    let mut node = Command::new("node");
    node.arg(optimizer).arg("--version");
    let mut rustc = Command::new("rustc");
    rustc.arg("--version");
    let mut wkg = Command::new(tool(workspace, "wkg"));
    wkg.arg("--version");
    let mut versions = Map::new();
    for (name, command) in [("wasm-opt", &mut node), ("rustc", &mut rustc), ("wkg", &mut wkg)] {
        versions.insert(name.to_owned(), run(command)?.trim().into());
    }
    versions.insert("cargo".to_owned(), run(cargo().arg("--version"))?.trim().into());
    Ok(versions)
}

/// The file's name.
pub const FILE: &str = "provenance.json";

/// The files that name every dependency with its checksum or its version.
const LOCKS: &[&str] = &[
    "Cargo.lock",
    "adapters/azure-core/Cargo.lock",
    "tools/sbom/Cargo.lock",
    ".ci/node/package-lock.json",
    ".ci/python/requirements.txt",
];
