//! The folders that wheels are built from: a package's sources with what other parts of the project build.

use crate::command::run;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use walkdir::WalkDir;

/// The package for components: WIT, stubs of the bindings for editors, and both providers.
pub fn guest(workspace: &Path, components: &Path, to: &Path) -> Result<PathBuf> {
    let package = sources(workspace, "guest", to)?;
    let module = package.join("src/azure_identity_guest");
    let wit = module.join("wit");
    for generation in ["0.2", "0.3"] {
        let interfaces = workspace.join("wit").join(generation);
        files(&interfaces, &wit.join(format!("deps/azure-identity-{generation}")))?;
        files(
            &interfaces.join("credentials"),
            &wit.join(format!("deps/azure-identity-credentials-{generation}")),
        )?;
    }
    let stubs = to.join("stubs");
    let mut generate = Command::new(workspace.join("target/tools/python/bin/componentize-py"));
    generate.arg("--wit-path").arg(&wit);
    for world in ["azure:identity/consumer@0.2.0", "azure:identity/consumer@0.3.0"] {
        generate.args(["--world", world]);
    }
    run(generate
        .args(["--world-module", "azure_identity_guest.wit", "--full-names", "bindings"])
        .arg(&stubs))?;
    tree(&stubs.join("azure_identity_guest/wit"), &wit)?;
    // By the generation in the folder's name, because wasm-tools takes the file's name for that of an instance, in which a
    // full stop is not allowed.
    for (component, generation) in [("azure-identity.wasm", "0.2"), ("azure-identity-0.3.wasm", "0.3")] {
        let folder = module.join(format!("components/wasi-{generation}"));
        fs::create_dir_all(&folder)?;
        copy(&components.join(component), &folder.join("azure-identity.wasm"))?;
    }
    Ok(package)
}

/// The package for programs: the provider for WASI 0.2, which wasmtime for Python calls.
pub fn host(workspace: &Path, components: &Path, to: &Path) -> Result<PathBuf> {
    let package = sources(workspace, "host", to)?;
    let file = "azure-identity.wasm";
    copy(&components.join(file), &package.join("src/azure_identity_host").join(file))?;
    Ok(package)
}

/// A copy of a package's sources, with the licences.
fn sources(workspace: &Path, name: &str, to: &Path) -> Result<PathBuf> {
    let package = to.join(name);
    tree(&workspace.join("packages/python").join(name), &package)?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&workspace.join(licence), &package.join(licence))?;
    }
    Ok(package)
}

/// Copies a folder with all that is in it, except what Python compiled.
fn tree(from: &Path, to: &Path) -> Result<()> {
    let entries = WalkDir::new(from).into_iter().filter_entry(|entry| entry.file_name() != "__pycache__");
    for entry in entries {
        let entry = entry.with_context(|| format!("{} cannot be read", from.display()))?;
        let to = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() { fs::create_dir_all(to)? } else { copy(entry.path(), &to)? }
    }
    Ok(())
}

/// Copies the files of a folder, without its folders.
fn files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("{} cannot be copied", from.display()))?;
    Ok(())
}
