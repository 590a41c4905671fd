//! Publishing: the packages of the interfaces, the components and the crates, to a registry and from there to an app.

use anyhow::{Context, Result, bail};
use host_tests::external_tools;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use wit_parser::Resolve;

#[path = "packaging/crates.rs"]
mod crates;
#[cfg(unix)]
#[path = "packaging/public_api.rs"]
mod public_api;
#[path = "packaging/published.rs"]
mod published;
#[cfg(unix)]
#[path = "packaging/simulator.rs"]
mod simulator;

#[test]
fn an_app_fetches_the_interfaces_from_a_registry() -> Result<()> {
    let Some(wkg) = external_tools::wkg()? else { return Ok(()) };
    let registry = Registry::in_a_folder(wkg)?;
    for (interfaces, name) in PACKAGES {
        let package = registry.publish(interfaces)?;
        let version = version(interfaces)?;
        let published = registry.folder.path().join(format!("packages/azure/{name}/{version}.wasm"));
        assert_eq!(
            fs::read(&published)?,
            fs::read(&package)?,
            "the published package is the one that was built"
        );
    }
    for generation in ["wit/0.2", "wit/0.3"] {
        let (seam, credentials) = (version(generation)?, version(&format!("{generation}/credentials"))?);
        let types = format!("azure:identity/types@{seam}");
        let token_credential = format!("azure:identity/token-credential@{seam}");
        check_fetch(&registry, &token_credential, &[&types, &token_credential])?;
        let credentials = format!("azure:identity-credentials/credentials@{credentials}");
        check_fetch(&registry, &credentials, &[&types, &credentials])?;
    }
    Ok(())
}

/// Asserts that an app that imports this interface fetches it, although the registry contains other versions.
fn check_fetch(registry: &Registry, interface: &str, expected: &[&str]) -> Result<()> {
    let app = registry.folder.path().join(interface.replace(['/', ':'], "-"));
    fs::create_dir_all(app.join("wit"))?;
    let world = format!("package example:app;\nworld app {{ import {interface}; }}\n");
    fs::write(app.join("wit/world.wit"), world)?;
    registry.wkg(&app, &["fetch"])?;
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(app.join("wit"))?;
    let world = &resolve.worlds[resolve.select_world(&[package], Some("app"))?];
    let imports: Vec<_> = world.imports.keys().map(|key| resolve.name_world_key(key)).collect();
    assert_eq!(imports, expected);
    Ok(())
}

#[test]
fn the_packages_of_the_interfaces_contain_their_metadata() -> Result<()> {
    let Some(wkg) = external_tools::wkg()? else { return Ok(()) };
    let registry = Registry::in_a_folder(wkg)?;
    let metadata: toml::Table = fs::read_to_string(workspace().join("wkg.toml"))?.parse()?;
    let metadata = metadata["metadata"].as_table().context("wkg.toml has metadata")?;
    assert_eq!(metadata["licenses"].as_str(), Some("MIT OR Apache-2.0"));
    for (interfaces, _) in PACKAGES {
        let package = fs::read(registry.publish(interfaces)?)?;
        for (name, value) in metadata {
            let value = value.as_str().context("metadata is text")?.as_bytes();
            let is_in = package.windows(value.len()).any(|part| part == value);
            assert!(is_in, "{name} is not in the package of {interfaces}");
        }
    }
    Ok(())
}

/// A registry in a local folder.
struct Registry {
    wkg: PathBuf,
    folder: TempDir,
}

impl Registry {
    fn in_a_folder(wkg: PathBuf) -> Result<Registry> {
        let folder = TempDir::new()?;
        fs::create_dir(folder.path().join("packages"))?;
        let root = folder.path().join("packages");
        let configuration = format!(
            "default_registry = \"folder.example\"\n[registry.\"folder.example\"]\ndefault = \"local\"\n\
             [registry.\"folder.example\".local]\nroot = {root:?}\n"
        );
        fs::write(folder.path().join("configuration.toml"), configuration)?;
        Ok(Registry { wkg, folder })
    }

    /// Builds the package of the interfaces from a copy, because wkg writes a lock file beside `wkg.toml`.
    fn build(&self, interfaces: &str) -> Result<PathBuf> {
        let project = self.folder.path().join(interfaces);
        fs::create_dir_all(project.join("wit"))?;
        fs::copy(workspace().join("wkg.toml"), project.join("wkg.toml"))?;
        for file in fs::read_dir(workspace().join(interfaces))? {
            let file = file?;
            if file.file_type()?.is_file() {
                fs::copy(file.path(), project.join("wit").join(file.file_name()))?;
            }
        }
        self.wkg(&project, &["build", "--output", "azure-identity.wasm"])?;
        Ok(project.join("azure-identity.wasm"))
    }

    /// Builds the package and publishes it, because the packages of the next folders depend on it.
    fn publish(&self, interfaces: &str) -> Result<PathBuf> {
        let package = self.build(interfaces)?;
        self.wkg(self.folder.path(), &["publish", &package.display().to_string()])?;
        Ok(package)
    }

    fn wkg(&self, folder: &Path, arguments: &[&str]) -> Result<()> {
        let output = Command::new(&self.wkg)
            .args(arguments)
            .current_dir(folder)
            .env("WKG_CONFIG_FILE", self.folder.path().join("configuration.toml"))
            .env("WKG_CACHE_DIR", self.folder.path().join("cache"))
            .output()?;
        if !output.status.success() {
            bail!("wkg {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }
}

/// The version of the interfaces in this folder.
fn version(interfaces: &str) -> Result<String> {
    let mut resolve = Resolve::default();
    if let Some(seam) = interfaces.strip_suffix("/credentials") {
        resolve.push_dir(workspace().join(seam))?;
    }
    let (package, _) = resolve.push_dir(workspace().join(interfaces))?;
    Ok(resolve.packages[package].name.version.as_ref().context("the package has a version")?.to_string())
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The folders of the interfaces for each generation of WASI, and the names of their packages. A package stands behind the
/// one that it depends on.
const PACKAGES: &[(&str, &str)] = &[
    ("wit/0.2", "identity"),
    ("wit/0.2/credentials", "identity-credentials"),
    ("wit/0.3", "identity"),
    ("wit/0.3/credentials", "identity-credentials"),
];
