//! The packages of the interfaces, as `wkg` builds them.

use crate::command::{run, step, tool};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The folders of the interfaces, and the names of their packages. A package stands behind the one that it depends on.
pub const PACKAGES: &[(&str, &str)] = &[
    ("wit/0.2", "azure:identity"),
    ("wit/0.2/credentials", "azure:identity-credentials"),
    ("wit/0.3", "azure:identity"),
    ("wit/0.3/credentials", "azure:identity-credentials"),
];

/// Builds the packages into `to`, and returns them: `azure-identity-0.2.0.wasm` for `azure:identity@0.2.0`.
///
/// # Errors
/// When `wkg` is missing or fails.
pub fn pack(workspace: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    step("packages of the interfaces");
    fs::create_dir_all(to)?;
    let registry = FolderRegistry::new(&tool(workspace, "wkg"))?;
    let mut files = Vec::new();
    for (folder, name) in PACKAGES {
        let version = version(&workspace.join(folder))?;
        let path = to.join(format!("{}-{version}.wasm", name.replace(':', "-")));
        registry.build(workspace, folder, &path)?;
        registry.publish(&path)?;
        files.push(path);
    }
    Ok(files)
}

/// A package that [`pack`] built.
#[derive(Debug)]
pub struct Packed {
    /// Its name without a version: `azure:identity`.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Its file.
    pub file: PathBuf,
}

/// The packages that [`pack`] built into a folder. A package stands behind the one that it depends on.
///
/// # Errors
/// When the folder cannot be read.
pub fn packed(folder: &Path) -> Result<Vec<Packed>> {
    let mut packed = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))? {
        let file = entry?.path();
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(".wasm") else { continue };
        let (name, version) = stem.rsplit_once('-').with_context(|| format!("{stem} names no version"))?;
        let package = name.replacen('-', ":", 1);
        packed.push(Packed { package, version: version.to_owned(), file });
    }
    packed.sort_by(|one, other| (&one.version, &one.package).cmp(&(&other.version, &other.package)));
    Ok(packed)
}

/// The version of the package in a folder of interfaces: that of its line `package …;`.
///
/// # Errors
/// When no file in the folder has that line.
pub fn version(folder: &Path) -> Result<String> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "wit") {
            continue;
        }
        let text = fs::read_to_string(path)?;
        let package = text.lines().find_map(|line| line.strip_prefix("package "));
        if let Some((_, version)) = package.and_then(|package| package.split_once('@')) {
            return Ok(version.trim_end_matches(';').to_owned());
        }
    }
    None.with_context(|| format!("no file in {} names the package", folder.display()))
}

/// A registry in a local folder, in which a package finds those that it depends on.
pub struct FolderRegistry {
    wkg: PathBuf,
    folder: TempDir,
}

impl FolderRegistry {
    /// A registry without packages, for this `wkg`.
    ///
    /// # Errors
    /// When there is no folder for temporary files.
    pub fn new(wkg: &Path) -> Result<FolderRegistry> {
        let folder = TempDir::new()?;
        let root = folder.path().join("packages");
        fs::create_dir(&root)?;
        let configuration = format!(
            "default_registry = \"folder.example\"\n[registry.\"folder.example\"]\ndefault = \"local\"\n\
             [registry.\"folder.example\".local]\nroot = {root:?}\n"
        );
        fs::write(folder.path().join("configuration.toml"), configuration)?;
        Ok(FolderRegistry { wkg: wkg.to_owned(), folder })
    }

    /// The registry's files; a package is `packages/NAMESPACE/NAME/VERSION.wasm`.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Builds the package of the interfaces in a folder of the workspace. It is built from a copy, because `wkg` writes a
    /// lock file beside `wkg.toml`.
    ///
    /// # Errors
    /// When `wkg` fails.
    pub fn build(&self, workspace: &Path, interfaces: &str, to: &Path) -> Result<()> {
        let project = self.folder.path().join(interfaces);
        fs::create_dir_all(project.join("wit"))?;
        fs::copy(workspace.join("wkg.toml"), project.join("wkg.toml"))?;
        for file in fs::read_dir(workspace.join(interfaces))? {
            let file = file?;
            if file.file_type()?.is_file() {
                fs::copy(file.path(), project.join("wit").join(file.file_name()))?;
            }
        }
        self.wkg(&project, &["build", "--output", "package.wasm"])?;
        fs::copy(project.join("package.wasm"), to)?;
        Ok(())
    }

    /// Publishes a package, so that others that depend on it find it.
    ///
    /// # Errors
    /// When `wkg` fails.
    pub fn publish(&self, package: &Path) -> Result<()> {
        self.wkg(self.folder.path(), &["publish", &package.canonicalize()?.display().to_string()])
    }

    /// Runs `wkg` with this registry.
    ///
    /// # Errors
    /// When `wkg` fails.
    pub fn wkg(&self, folder: &Path, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.wkg);
        command.args(arguments).current_dir(folder);
        command.env("WKG_CONFIG_FILE", self.folder.path().join("configuration.toml"));
        command.env("WKG_CACHE_DIR", self.folder.path().join("cache"));
        run(&mut command).map(drop)
    }
}
