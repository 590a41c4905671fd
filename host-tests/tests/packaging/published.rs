//! The published components: their metadata, and their transfer through a registry.

use crate::workspace;
use anyhow::{Context, Result, bail};
use components::{ALL, AUTHORS, Audience, LICENCE, PUBLISHED, Published, SOURCE};
use host_tests::background_program::BackgroundProgram;
use host_tests::edition::Edition;
use host_tests::external_tools;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use wasm_metadata::{Metadata, Payload};
use wit_parser::decoding::{self, DecodedWasm};
use wit_parser::{Resolve, WorldId};

#[test]
fn every_component_for_users_is_published() {
    let for_users = [Audience::Users, Audience::UsersOfAnotherEdition];
    let for_users: Vec<_> =
        ALL.iter().filter(|it| for_users.contains(&it.audience)).map(|it| it.name).collect();
    let published: Vec<_> = PUBLISHED.iter().map(|it| it.component).collect();
    assert_eq!(published, for_users);
}

#[test]
fn a_component_contains_its_metadata() -> Result<()> {
    for published in PUBLISHED {
        let component = fs::read(built(published))?;
        let Payload::Component { metadata, .. } = Payload::from_binary(&component)? else {
            bail!("{} is not a component", published.component);
        };
        let expected = json!({
            "name": published.component,
            "version": published.version,
            "description": published.description,
            "licenses": "MIT OR Apache-2.0",
            "authors": "The authors of azure-identity for WebAssembly components",
            "source": SOURCE,
        });
        assert_eq!(describe(&metadata), expected);
        let producers = metadata.producers.with_context(|| format!("no tools in {}", published.component))?;
        assert!(producers.get("processed-by").is_some_and(|tools| tools.get("wit-component").is_some()));
    }
    Ok(())
}

#[test]
fn components_and_interfaces_name_the_same_authors_and_licence() -> Result<()> {
    let of_the_interfaces: toml::Table = fs::read_to_string(workspace().join("wkg.toml"))?.parse()?;
    assert_eq!(of_the_interfaces["metadata"]["authors"].as_str(), Some(AUTHORS));
    assert_eq!(of_the_interfaces["metadata"]["licenses"].as_str(), Some(LICENCE));
    Ok(())
}

#[test]
fn a_components_version_is_the_generation_of_wasi_with_the_projects_patch() -> Result<()> {
    for published in PUBLISHED {
        let component = fs::read(built(published))?;
        let DecodedWasm::Component(resolve, world) = decoding::decode(&component)? else {
            bail!("{} is not a component", published.component);
        };
        let generations = BTreeSet::from_iter(wasi(&resolve, world));
        let (generation, patch) = published.version.rsplit_once('.').context("a version has three parts")?;
        assert_eq!(generations, BTreeSet::from([generation.to_owned()]), "{}", published.component);
        assert_eq!(patch, env!("CARGO_PKG_VERSION_PATCH"), "{}", published.component);
    }
    Ok(())
}

#[test]
fn no_two_components_are_the_same_package() {
    let packages = BTreeSet::from_iter(PUBLISHED.iter().map(|it| (it.package, it.version)));
    assert_eq!(packages.len(), PUBLISHED.len());
}

#[test]
fn the_annotations_in_the_registry_repeat_the_metadata() -> Result<()> {
    let Some(wkg) = external_tools::wkg()? else { return Ok(()) };
    let Some(server) = external_tools::oci_registry()? else { return Ok(()) };
    let registry = OciRegistry::start(&server)?;
    let pushed = components::push(&wkg, &registry.address, &folder())?;
    assert_eq!(pushed.len(), PUBLISHED.len());
    for published in PUBLISHED {
        let manifest = registry.manifest(&published.package.replace(':', "/"), published.version)?;
        assert_eq!(manifest["annotations"], annotations(published));
    }
    Ok(())
}

#[test]
fn a_component_that_was_not_built_is_named_in_the_error() -> Result<()> {
    let nothing = TempDir::new()?;
    let error = components::push(Path::new("wkg"), "localhost", nothing.path())
        .expect_err("the component is missing");
    let expected = format!("no {}/azure-identity.wasm; run: cargo components", nothing.path().display());
    assert_eq!(error.to_string(), expected);
    Ok(())
}

/// The metadata that the build writes.
fn describe(metadata: &Metadata) -> Value {
    json!({
        "name": metadata.name,
        "version": metadata.version.as_ref().map(ToString::to_string),
        "description": metadata.description.as_ref().map(ToString::to_string),
        "licenses": metadata.licenses.as_ref().map(ToString::to_string),
        "authors": metadata.authors.as_ref().map(ToString::to_string),
        "source": metadata.source.as_ref().map(ToString::to_string),
    })
}

/// The annotations of a package in the registry; they repeat its metadata.
fn annotations(published: &Published) -> Value {
    let mut annotations = json!({
        "org.opencontainers.image.version": published.version,
        "org.opencontainers.image.description": published.description,
        "org.opencontainers.image.licenses": LICENCE,
        "org.opencontainers.image.authors": AUTHORS,
    });
    if let Some(source) = SOURCE {
        annotations["org.opencontainers.image.source"] = source.into();
    }
    annotations
}

/// The generations of WASI that a component imports.
fn wasi(resolve: &Resolve, world: WorldId) -> impl Iterator<Item = String> {
    let imports = resolve.worlds[world].imports.keys().map(|key| resolve.name_world_key(key));
    imports.filter(|name| name.starts_with("wasi:")).filter_map(|name| {
        // `0.2.4`, and drafts such as `0.2.0-rc.1`.
        let (_, version) = name.rsplit_once('@')?;
        Some(version.split('.').take(2).collect::<Vec<_>>().join("."))
    })
}

/// Debian's docker-registry on a free port, with its files in a temporary folder.
pub struct OciRegistry {
    pub address: String,
    _folder: TempDir,
    _server: BackgroundProgram,
}

impl OciRegistry {
    pub fn start(program: &Path) -> Result<OciRegistry> {
        let folder = TempDir::new()?;
        let configuration = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {:?}}}}}\nhttp: {{addr: \"127.0.0.1:0\"}}\n",
            folder.path().join("packages")
        );
        fs::write(folder.path().join("server.yml"), configuration)?;
        let mut command = Command::new(program);
        let mut server =
            BackgroundProgram::start(command.arg("serve").arg(folder.path().join("server.yml")))?;
        let address = server.wait_for("listening on ")?;
        let address = address.split('"').next().unwrap_or_default().to_owned();
        Ok(OciRegistry { address, _folder: folder, _server: server })
    }

    /// The manifest of a package.
    pub fn manifest(&self, path: &str, version: &str) -> Result<Value> {
        let mut stream = TcpStream::connect(&self.address)?;
        write!(
            stream,
            "GET /v2/{path}/manifests/{version} HTTP/1.0\r\nHost: {}\r\nAccept: {MANIFEST}\r\n\r\n",
            self.address
        )?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        let (_, manifest) = response.split_once("\r\n\r\n").context("no response")?;
        serde_json::from_str(manifest).with_context(|| response.clone())
    }
}

fn built(published: &Published) -> PathBuf {
    folder().join(format!("{}.wasm", published.component))
}

fn folder() -> PathBuf {
    Path::new(Edition::Wasi02.component()).with_file_name("")
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
