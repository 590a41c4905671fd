//! Which crates a component was compiled from.

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, Message, MetadataCommand, Package, PackageId, TargetKind};
use components::Component;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::process::Stdio;

/// What a component was compiled from, by rustc of one version.
#[derive(Debug)]
pub struct Materials {
    /// The crates, ordered by name and version.
    pub crates: Vec<Crate>,
    /// The version of rustc, whose `core` and `alloc` are inside, too: `1.95.0`.
    pub rustc: String,
}

/// A crate that took part.
#[derive(Debug)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// Who made it, as its manifest says; empty: it does not.
    pub authors: Vec<String>,
    /// The SHA-256 of its package, as the lock file has it, in hexadecimal; `None`: it is the project's own.
    pub checksum: Option<String>,
    /// Whether its code is inside; if not, it ran at compile time.
    pub is_inside: bool,
    /// The crates of this list that it needs, by their place in it.
    pub needs: Vec<usize>,
}

/// Asks cargo what it compiles for a component. What is compiled already is not compiled again.
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
        bail!("cargo compiled crates for {} that it does not know", component.name);
    }
    let places: BTreeMap<&PackageId, usize> =
        packages.iter().enumerate().map(|(at, it)| (&it.id, at)).collect();
    let checksums = checksums()?;
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
            checksum: checksums.get(&(package.name.to_string(), package.version.to_string())).cloned(),
            is_inside: took_part[&package.id],
            needs: needs.into_iter().collect(),
        })
    });
    Ok(Materials { crates: crates.collect::<Result<_>>()?, rustc: rustc()? })
}

/// The packages that cargo compiles, and whether what came of each is for the component's own target.
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

/// A licence as crates write it; some still separate choices with a stroke.
fn licence(package: &Package) -> Result<String> {
    let licence = package.license.as_deref();
    let licence =
        licence.with_context(|| format!("{} {} names no licence", package.name, package.version))?;
    Ok(licence.replace(" / ", " OR ").replace('/', " OR "))
}

/// The SHA-256 of every package of the lock file that comes from a registry.
fn checksums() -> Result<BTreeMap<(String, String), String>> {
    let lock = std::fs::read_to_string(components::workspace().join("Cargo.lock"))?.parse::<toml::Table>()?;
    let packages =
        lock.get("package").and_then(toml::Value::as_array).context("the lock file has no packages")?;
    let text = |package: &toml::Value, key| Some(package.get(key)?.as_str()?.to_owned());
    Ok(packages
        .iter()
        .filter_map(|it| Some(((text(it, "name")?, text(it, "version")?), text(it, "checksum")?)))
        .collect())
}

fn rustc() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output =
        std::process::Command::new(rustc).arg("--version").current_dir(components::workspace()).output()?;
    let said = String::from_utf8(output.stdout)?;
    Ok(said.split(' ').nth(1).context("rustc has no version")?.to_owned())
}
