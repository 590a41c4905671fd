//! Publishing: the package of the interfaces, the components and the crates, to a registry and from there to an app.

use anyhow::{Context, Result, bail};
use host_tests::external_tools;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use wit_parser::Resolve;

#[path = "packaging/crates.rs"]
mod crates;
#[path = "packaging/published.rs"]
mod published;

#[test]
fn an_app_fetches_the_interfaces_from_a_registry() -> Result<()> {
    let Some(wkg) = external_tools::wkg()? else { return Ok(()) };
    let registry = Registry::in_a_folder(wkg)?;
    for interfaces in GENERATIONS {
        let package = registry.build(interfaces)?;
        registry.wkg(registry.folder.path(), &["publish", &package.display().to_string()])?;
        let version = version(interfaces)?;
        let published = registry.folder.path().join(format!("packages/azure/identity/{version}.wasm"));
        assert_eq!(
            fs::read(&published)?,
            fs::read(&package)?,
            "the published package is the one that was built"
        );
    }
    GENERATIONS.iter().try_for_each(|interfaces| check_fetch(&registry, &version(interfaces)?))
}

/// Asserts that an app that imports this version fetches it, although the registry contains other versions.
fn check_fetch(registry: &Registry, version: &str) -> Result<()> {
    let app = registry.folder.path().join(format!("app-{version}"));
    fs::create_dir_all(app.join("wit"))?;
    let world =
        format!("package example:app;\nworld app {{ import azure:identity/token-credential@{version}; }}\n");
    fs::write(app.join("wit/world.wit"), world)?;
    registry.wkg(&app, &["fetch"])?;
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(app.join("wit"))?;
    let world = &resolve.worlds[resolve.select_world(&[package], Some("app"))?];
    let imports: Vec<_> = world.imports.keys().map(|key| resolve.name_world_key(key)).collect();
    assert_eq!(imports, ["types", "token-credential"].map(|it| format!("azure:identity/{it}@{version}")));
    Ok(())
}

#[test]
fn the_package_of_the_interfaces_contains_its_metadata() -> Result<()> {
    let Some(wkg) = external_tools::wkg()? else { return Ok(()) };
    let registry = Registry::in_a_folder(wkg)?;
    let metadata: toml::Table = fs::read_to_string(workspace().join("wkg.toml"))?.parse()?;
    let metadata = metadata["metadata"].as_table().context("wkg.toml has metadata")?;
    assert_eq!(metadata["licenses"].as_str(), Some("MIT OR Apache-2.0"));
    for interfaces in GENERATIONS {
        let package = fs::read(registry.build(interfaces)?)?;
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
    let (package, _) = resolve.push_dir(workspace().join(interfaces))?;
    Ok(resolve.packages[package].name.version.as_ref().context("the package has a version")?.to_string())
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The folders of the interfaces, one for each generation of WASI.
const GENERATIONS: &[&str] = &["wit/0.2", "wit/0.3"];
