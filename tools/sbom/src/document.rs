//! The bill of materials as a document of CycloneDX.

use crate::materials::{Crate, Materials};
use anyhow::{Context, Result};
use components::{AUTHORS, LICENCE, Published};
use cyclonedx_bom::external_models::normalized_string::NormalizedString;
use cyclonedx_bom::external_models::uri::Purl;
use cyclonedx_bom::models::bom::{Bom, SpecVersion, UrnUuid};
use cyclonedx_bom::models::component::{Classification, Component, Components, Scope};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::models::tool::{Tool, Tools};
use sha2::{Digest, Sha256};
use std::str::FromStr;
use uuid::Uuid;

/// The bill of materials of a component, whose bytes are `wasm`, as JSON.
///
/// # Errors
/// When a crate's metadata has no form in CycloneDX.
pub fn document(published: &Published, wasm: &[u8], materials: &Materials) -> Result<String> {
    let digest = Sha256::digest(wasm);
    let mut components: Vec<_> = materials.crates.iter().map(crate_component).collect::<Result<_>>()?;
    components.push(standard_library(&materials.rustc)?);
    let bom = Bom {
        spec_version: SpecVersion::V1_5,
        serial_number: Some(serial_number(&digest)?),
        metadata: Some(Metadata {
            tools: Some(Tools::List(vec![Tool::new("azure-identity", "sbom", env!("CARGO_PKG_VERSION"))])),
            component: Some(subject(published, &hex::encode(digest))),
            ..Metadata::default()
        }),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies(published, materials))),
        ..Bom::default()
    };
    let mut json = Vec::new();
    bom.output_as_json(&mut json, SpecVersion::V1_5)?;
    Ok(String::from_utf8(json)? + "\n")
}

/// The component itself.
fn subject(published: &Published, digest: &str) -> Component {
    let mut subject = Component::new(Classification::Library, published.component, published.version, None);
    subject.bom_ref = Some(subject_reference(published));
    subject.author = Some(NormalizedString::new(AUTHORS));
    subject.description = Some(NormalizedString::new(published.description));
    subject.hashes = Some(sha256(digest));
    subject.licenses = Some(expression(LICENCE));
    let purl = format!("pkg:generic/{}@{}?checksum=sha256:{digest}", published.component, published.version);
    subject.purl = Purl::from_str(&purl).ok();
    subject
}

fn crate_component(it: &Crate) -> Result<Component> {
    let mut component = Component::new(Classification::Library, &it.name, &it.version, Some(reference(it)));
    component.licenses = Some(expression(&it.licence));
    component.scope = Some(if it.is_inside { Scope::Required } else { Scope::Excluded });
    if !it.authors.is_empty() {
        component.author = Some(NormalizedString::new(&it.authors.join(", ")));
    }
    // A package URL names a registry's crate. The project's own crates are in no registry, which may have others of
    // the same name.
    if let Some(checksum) = &it.checksum {
        component.hashes = Some(sha256(checksum));
        component.purl = Some(Purl::new("cargo", &it.name, &it.version)?);
    }
    Ok(component)
}

/// The standard library, which every crate links and which cargo's graph does not contain.
fn standard_library(rustc: &str) -> Result<Component> {
    let reference = standard_library_reference();
    let mut library = Component::new(Classification::Library, "rust", rustc, Some(reference));
    library.description =
        Some(NormalizedString::new("core, alloc and compiler_builtins of the Rust toolchain"));
    library.licenses = Some(expression("MIT OR Apache-2.0"));
    library.scope = Some(Scope::Required);
    library.purl = Some(Purl::new("generic", "rust", rustc).context("the version of rustc is no version")?);
    Ok(library)
}

/// The dependency graph.
fn dependencies(published: &Published, materials: &Materials) -> Vec<Dependency> {
    let needed: Vec<usize> = materials.crates.iter().flat_map(|it| it.needs.clone()).collect();
    let roots = materials.crates.iter().enumerate().filter(|(at, _)| !needed.contains(at));
    let subject = Dependency {
        dependency_ref: subject_reference(published),
        dependencies: roots.map(|(_, it)| reference(it)).collect(),
    };
    let crates = materials.crates.iter().map(|it| {
        let mut dependencies: Vec<_> = it.needs.iter().map(|at| reference(&materials.crates[*at])).collect();
        if it.is_inside {
            dependencies.push(standard_library_reference());
        }
        Dependency { dependency_ref: reference(it), dependencies }
    });
    std::iter::once(subject).chain(crates).collect()
}

fn subject_reference(published: &Published) -> String {
    format!("{}.wasm", published.component)
}

fn reference(it: &Crate) -> String {
    format!("{}@{}", it.name, it.version)
}

fn standard_library_reference() -> String {
    "rust".to_owned()
}

fn expression(licence: &str) -> Licenses {
    Licenses(vec![LicenseChoice::expression(licence)])
}

fn sha256(digest: &str) -> Hashes {
    Hashes(vec![Hash { alg: HashAlgorithm::SHA_256, content: HashValue(digest.to_owned()) }])
}

/// A UUID of version 8 (RFC 9562), made of the component's digest: equal components have equal bills of materials.
fn serial_number(digest: &[u8]) -> Result<UrnUuid> {
    let bytes = digest.first_chunk().context("a digest has more bytes than a UUID")?;
    Ok(Uuid::new_v8(*bytes).into())
}
