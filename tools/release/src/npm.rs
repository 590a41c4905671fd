//! The packages for JavaScript, as `npm pack` makes them.
//!
//! A package is its folder in `packages/npm` together with what is built for it: components, the JavaScript that jco makes of
//! them, and the interfaces. `npm pack` writes the same bytes for the same files.

use crate::command::{run, step};
use anyhow::{Context, Result, ensure};
use components::ALL;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use walkdir::WalkDir;

/// Packs each package of `packages/npm` into `to`, which is created, and returns the tarballs.
///
/// # Errors
/// When a component does not compile, or node, npm or jco is missing or fails.
pub fn pack(workspace: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(to)?;
    let package = |(name, add): &(&str, Add)| {
        step(&format!("npm package {name}"));
        let staged = Staged { workspace, folder: tempfile::tempdir()? };
        staged.copy_folder(&format!("packages/npm/{name}"), "")?;
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            fs::copy(workspace.join(licence), staged.path(licence))?;
        }
        add(&staged)?;
        staged.pack(to)
    };
    PACKAGES.iter().map(package).collect()
}

/// The folders of the packages, and what is added to each.
const PACKAGES: &[(&str, Add)] = &[("guest", add_to_guest), ("host", add_to_host)];

type Add = fn(&Staged<'_>) -> Result<()>;

/// The interface, for jco and for Spin's tools; the provider; and the component that composes an app with it.
fn add_to_guest(package: &Staged<'_>) -> Result<()> {
    for folder in ["wit/0.2", "wit/app/deps/azure-identity"] {
        for file in ["types.wit", "token-credential.wit", "worlds.wit"] {
            fs::create_dir_all(package.path(folder))?;
            let source = package.workspace.join("wit/0.2").join(file);
            fs::copy(source, package.path(folder).join(file))?;
        }
    }
    let provider = package.build("azure-identity", &package.path(""))?;
    ensure!(provider.is_file(), "no {}", provider.display());
    package.transpile("compose", "compose", &[])
}

/// The provider as JavaScript.
fn add_to_host(package: &Staged<'_>) -> Result<()> {
    package.transpile("azure-identity", "provider", &["--instantiation"])
}

/// The files of a package, in a folder of its own.
struct Staged<'a> {
    workspace: &'a Path,
    folder: tempfile::TempDir,
}

impl Staged<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn copy_folder(&self, from: &str, to: &str) -> Result<()> {
        let from = self.workspace.join(from);
        let all = WalkDir::new(&from).into_iter().filter_entry(|entry| entry.file_name() != "node_modules");
        for entry in all {
            let entry = entry?;
            let path = self.path(to).join(entry.path().strip_prefix(&from)?);
            if entry.file_type().is_dir() {
                fs::create_dir_all(path)?;
            } else {
                fs::copy(entry.path(), path)?;
            }
        }
        Ok(())
    }

    /// Builds a component into a folder, and returns its path.
    fn build(&self, component: &str, into: &Path) -> Result<PathBuf> {
        let known = ALL.iter().find(|known| known.name == component);
        let mut built = components::build(known, into)?;
        built.pop().with_context(|| format!("there is no component {component}"))
    }

    /// Builds a component, and writes the JavaScript that jco makes of it into a folder of the package.
    fn transpile(&self, component: &str, folder: &str, more: &[&str]) -> Result<()> {
        let built = tempfile::tempdir()?;
        let jco = self.workspace.join("target/tools/node/node_modules/@bytecodealliance/jco/dist/jco.js");
        ensure!(jco.is_file(), "jco is not installed; run .ci/tools");
        let mut node = Command::new("node");
        node.arg(jco).arg("transpile").arg(self.build(component, built.path())?);
        node.args(["--no-typescript", "--quiet", "--out-dir"]).arg(self.path(folder)).args(more);
        run(&mut node).map(drop)
    }

    fn pack(&self, to: &Path) -> Result<PathBuf> {
        let manifest = fs::read_to_string(self.path("package.json"))?;
        let manifest: serde_json::Value = serde_json::from_str(&manifest)?;
        let version = manifest["version"].as_str();
        ensure!(version == Some(env!("CARGO_PKG_VERSION")), "a package of npm has the version {version:?}");
        let mut npm = Command::new("npm");
        npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]).arg(to.canonicalize()?);
        let name = run(npm.current_dir(self.folder.path()))?;
        Ok(to.join(name.trim()))
    }
}
