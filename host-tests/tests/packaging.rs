//! Publishing: the packages of the interfaces, the components and the crates, to a registry and from there to an app.

use anyhow::{Context, Result};
use host_tests::external_tools;
use release::wit::{self, FolderRegistry};
use std::fs;
use std::path::{Path, PathBuf};
use wit_parser::Resolve;

#[path = "packaging/crates.rs"]
mod crates;
#[path = "packaging/provider_crate.rs"]
mod provider_crate;
#[cfg(unix)]
#[path = "packaging/public_api.rs"]
mod public_api;
#[path = "packaging/published.rs"]
mod published;
#[cfg(unix)]
#[path = "packaging/release_folder.rs"]
mod release_folder;
#[cfg(unix)]
#[path = "packaging/simulator.rs"]
mod simulator;

#[test]
fn an_app_fetches_the_interfaces_from_a_registry() -> Result<()> {
    let Some(wkg) = external_tools::wkg()? else { return Ok(()) };
    let registry = FolderRegistry::new(&wkg)?;
    for (interfaces, name) in wit::PACKAGES {
        let package = publish(&registry, interfaces)?;
        let version = version(interfaces)?;
        let published = registry.path().join(format!("packages/{}/{version}.wasm", name.replace(':', "/")));
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
fn check_fetch(registry: &FolderRegistry, interface: &str, expected: &[&str]) -> Result<()> {
    let app = registry.path().join(interface.replace(['/', ':'], "-"));
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
    let registry = FolderRegistry::new(&wkg)?;
    let metadata: toml::Table = fs::read_to_string(workspace().join("wkg.toml"))?.parse()?;
    let metadata = metadata["metadata"].as_table().context("wkg.toml has metadata")?;
    assert_eq!(metadata["licenses"].as_str(), Some("MIT OR Apache-2.0"));
    for (interfaces, _) in wit::PACKAGES {
        let package = fs::read(publish(&registry, interfaces)?)?;
        for (name, value) in metadata {
            let value = value.as_str().context("metadata is text")?.as_bytes();
            let is_in = package.windows(value.len()).any(|part| part == value);
            assert!(is_in, "{name} is not in the package of {interfaces}");
        }
    }
    Ok(())
}

/// Builds the package and publishes it, because the packages of the next folders depend on it.
fn publish(registry: &FolderRegistry, interfaces: &str) -> Result<PathBuf> {
    let package = registry.path().join(format!("{}.wasm", interfaces.replace('/', "-")));
    registry.build(workspace(), interfaces, &package)?;
    registry.publish(&package)?;
    Ok(package)
}

/// The version of the package of these interfaces.
fn version(interfaces: &str) -> Result<String> {
    wit::version(&workspace().join(interfaces))
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
