//! The crates that a component was compiled from.

use anyhow::{Context, Result, bail};
use cargo_lock::Lockfile;
use cargo_metadata::{DependencyKind, Message, MetadataCommand, Package, PackageId, TargetKind};
use components::Component;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::process::Stdio;

/// The crates and the compiler of a component.
#[derive(Debug)]
pub struct Materials {
    /// The crates, ordered by name and version.
    pub crates: Vec<Crate>,
    /// The version of rustc, whose `core` and `alloc` the component contains: `1.95.0`.
    pub rustc: String,
}

/// A crate that cargo compiled.
#[derive(Debug)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// The authors in its manifest; empty: the manifest names none.
    pub authors: Vec<String>,
    /// The SHA-256 of its package in the lock file, in hexadecimal; `None`: it is the project's own.
    pub checksum: Option<String>,
    /// Whether the component contains its code; otherwise it ran at compile time.
    pub is_inside: bool,
    /// Its dependencies, as indices of this list.
    pub needs: Vec<usize>,
}

/// Compiles a component and lists the crates that cargo reports. An up-to-date build is not repeated.
///
/// # Errors
/// When it does not compile, or a crate has no licence.
pub fn materials(component: &Component) -> Result<Materials> {
    let took_part = took_part(component)?;
    let metadata = MetadataCommand::new()
        .current_dir(components::workspace().join(component.folder))
        .other_options(options(component))
        .exec()?;
    let mut packages: Vec<&Package> =
        metadata.packages.iter().filter(|it| took_part.contains_key(&it.id)).collect();
    packages.sort_by_key(|package| (package.name.as_str(), &package.version));
    if packages.len() != took_part.len() {
        bail!("cargo compiled crates for {} that its metadata does not list", component.name);
    }
    let places: BTreeMap<&PackageId, usize> =
        packages.iter().enumerate().map(|(at, it)| (&it.id, at)).collect();
    let lock = Lockfile::load(components::workspace().join("Cargo.lock"))?;
    let nodes = metadata.resolve.as_ref().context("cargo resolved nothing")?.nodes.iter();
    let nodes: BTreeMap<_, _> = nodes.map(|node| (&node.id, node)).collect();
    let crates = packages.iter().map(|package| {
        let is_for_users = |kind| matches!(kind, DependencyKind::Normal | DependencyKind::Build);
        let needs = nodes.get(&package.id).context("cargo did not resolve it")?.deps.iter();
        let needs = needs.filter(|it| it.dep_kinds.iter().any(|kind| is_for_users(kind.kind)));
        let needs: BTreeSet<_> = needs.filter_map(|it| places.get(&it.pkg).copied()).collect();
        Ok(Crate {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: licence(package)?,
            authors: package.authors.clone(),
            checksum: checksum(&lock, package),
            is_inside: took_part[&package.id],
            needs: needs.into_iter().collect(),
        })
    });
    Ok(Materials { crates: crates.collect::<Result<_>>()?, rustc: rustc_version::version()?.to_string() })
}

/// The packages that cargo compiles, and whether each one's artifacts are for the component's own target.
fn took_part(component: &Component) -> Result<BTreeMap<PackageId, bool>> {
    let mut cargo = components::compilation(component)?;
    cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    let output = cargo.output().context("cargo did not start")?;
    if !output.status.success() {
        bail!("{} did not compile", component.package);
    }
    let inside = components::artifacts(component).canonicalize()?;
    let mut took_part = BTreeMap::new();
    for message in Message::parse_stream(Cursor::new(output.stdout)) {
        let Message::CompilerArtifact(artifact) = message? else { continue };
        let is_inside = artifact
            .filenames
            .iter()
            .any(|file| file.as_std_path().canonicalize().is_ok_and(|file| file.starts_with(&inside)));
        let is_script = artifact.target.kind.contains(&TargetKind::CustomBuild);
        *took_part.entry(artifact.package_id).or_insert(false) |= is_inside && !is_script;
    }
    Ok(took_part)
}

fn options(component: &Component) -> Vec<String> {
    let mut options =
        vec!["--locked".to_owned(), "--filter-platform".to_owned(), component.target.triple().to_owned()];
    if let Some(features) = component.features {
        options.extend(["--no-default-features".to_owned(), "--features".to_owned(), features.to_owned()]);
    }
    options
}

/// A crate's licence as an SPDX expression; some manifests still separate choices with a slash.
fn licence(package: &Package) -> Result<String> {
    let licence = package.license.as_deref();
    let licence =
        licence.with_context(|| format!("{} {} names no licence", package.name, package.version))?;
    Ok(licence.replace(" / ", " OR ").replace('/', " OR "))
}

/// The SHA-256 of a package in the lock file, where it comes from a registry.
fn checksum(lock: &Lockfile, package: &Package) -> Option<String> {
    let mut locked = lock.packages.iter();
    let locked = locked.find(|it| it.name.as_str() == &**package.name && it.version == package.version)?;
    Some(locked.checksum.as_ref()?.to_string())
}
