//! Compares the bills of materials with `cargo tree` and with the lock file.

use anyhow::{Context, Result, ensure};
use components::{ALL, Component, PUBLISHED, Published};
use cyclonedx_bom::models::bom::{Bom, SpecVersion};
use cyclonedx_bom::models::component::Scope;
use cyclonedx_bom::models::license::LicenseChoice;
use cyclonedx_bom::validation::Validate;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A component and its bill, as they were written.
struct Written {
    published: &'static Published,
    wasm: Vec<u8>,
    json: Vec<u8>,
    bom: Bom,
}

static WRITTEN: LazyLock<Vec<Written>> = LazyLock::new(|| {
    let folder = TempDir::new().expect("there is a folder for temporary files");
    PUBLISHED.iter().map(|published| written(published, &folder).expect("the bill is written")).collect()
});

#[test]
fn the_format_is_kept() {
    for Written { published, bom, .. } in &*WRITTEN {
        let result = bom.validate_version(SpecVersion::V1_5);
        assert!(result.passed(), "{}: {result:?}", published.component);
    }
}

#[test]
fn a_bill_is_of_this_very_component() -> Result<()> {
    for Written { published, wasm, bom, .. } in &*WRITTEN {
        let metadata = bom.metadata.as_ref().context("there is metadata")?;
        let subject = metadata.component.as_ref().context("it names its subject")?;
        assert_eq!(subject.name.to_string(), published.component);
        assert_eq!(subject.version.as_ref().map(ToString::to_string).as_deref(), Some(published.version));
        let digest: String = Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hashes(subject), std::slice::from_ref(&digest));
        let purl = subject.purl.as_ref().context("it has a package URL")?.to_string();
        assert_eq!(
            purl,
            format!("pkg:generic/{}@{}?checksum=sha256:{digest}", published.component, published.version)
        );
    }
    Ok(())
}

#[test]
fn it_lists_the_crates_that_are_inside_and_no_others() -> Result<()> {
    for Written { published, bom, .. } in &*WRITTEN {
        let listed: BTreeSet<_> =
            crates(bom).filter(|it| it.scope == Some(Scope::Required)).map(name).collect();
        assert_eq!(listed, tree(published, "normal,no-proc-macro")?, "{}", published.component);
    }
    Ok(())
}

#[test]
fn it_lists_what_ran_at_compile_time_as_excluded() -> Result<()> {
    for Written { published, bom, .. } in &*WRITTEN {
        let listed: BTreeSet<_> = crates(bom).map(name).collect();
        assert_eq!(listed, tree(published, "normal,build")?, "{}", published.component);
    }
    Ok(())
}

#[test]
fn every_crate_has_a_licence_and_what_identifies_it() -> Result<()> {
    let lock: toml::Table = fs::read_to_string(components::workspace().join("Cargo.lock"))?.parse()?;
    for Written { bom, .. } in &*WRITTEN {
        for it in crates(bom) {
            let licences = it.licenses.as_ref().map(|licences| &licences.0[..]);
            let Some([LicenseChoice::Expression(licence)]) = licences else {
                anyhow::bail!("{} has no licence", name(it));
            };
            // `the_format_is_kept` validates the expression, and `cargo deny` decides whether the licence is allowed.
            ensure!(!licence.to_string().is_empty(), "{} has an empty licence", name(it));
            let purl = it.purl.as_ref().map(ToString::to_string);
            match checksum(&lock, it) {
                Some(checksum) => {
                    assert_eq!(hashes(it), [checksum]);
                    assert_eq!(purl, Some(format!("pkg:cargo/{}", name(it))));
                }
                None => {
                    ensure!(has_no_registry(&lock, it), "{} comes from a registry", name(it));
                    assert_eq!((hashes(it), purl), (Vec::new(), None));
                }
            }
        }
    }
    Ok(())
}

#[test]
fn the_standard_library_is_inside_too() -> Result<()> {
    for Written { bom, .. } in &*WRITTEN {
        let library =
            all(bom).find(|it| it.bom_ref.as_deref() == Some(STANDARD_LIBRARY)).context("it is listed")?;
        assert_eq!(library.scope, Some(Scope::Required));
        let version = library.version.as_ref().context("it has a version")?.to_string();
        let said = String::from_utf8(Command::new("rustc").arg("--version").output()?.stdout)?;
        assert!(said.starts_with(&format!("rustc {version} ")), "{said}");
    }
    Ok(())
}

#[test]
fn everything_is_needed_by_something() -> Result<()> {
    for Written { published, bom, .. } in &*WRITTEN {
        let dependencies = &bom.dependencies.as_ref().context("it has a graph")?.0;
        let needs: BTreeMap<_, _> =
            dependencies.iter().map(|it| (it.dependency_ref.clone(), it.dependencies.clone())).collect();
        let mut reached = BTreeSet::new();
        let mut next = vec![format!("{}.wasm", published.component)];
        while let Some(reference) = next.pop() {
            if reached.insert(reference.clone()) {
                next.extend(needs.get(&reference).into_iter().flatten().cloned());
            }
        }
        let listed = all(bom).filter_map(|it| it.bom_ref.clone());
        let listed: BTreeSet<_> = listed.chain([format!("{}.wasm", published.component)]).collect();
        assert_eq!(reached, listed, "{}", published.component);
    }
    Ok(())
}

#[test]
fn the_same_component_has_the_same_bill_and_names_no_folder_of_this_machine() -> Result<()> {
    let folder = TempDir::new()?;
    let once_more = written(&PUBLISHED[0], &folder)?;
    assert!(once_more.json == WRITTEN[0].json);
    let json = String::from_utf8(once_more.json)?;
    let here = components::workspace().canonicalize()?;
    assert!(!json.contains(&*here.display().to_string()) && !json.contains(".cargo"), "{json}");
    Ok(())
}

fn written(published: &'static Published, folder: &TempDir) -> Result<Written> {
    let json = fs::read(sbom::write(published, folder.path())?)?;
    let wasm = fs::read(folder.path().join(format!("{}.wasm", published.component)))?;
    let bom = Bom::parse_from_json(json.as_slice())?;
    Ok(Written { published, wasm, json, bom })
}

type Listed = cyclonedx_bom::models::component::Component;

fn all(bom: &Bom) -> impl Iterator<Item = &Listed> {
    bom.components.iter().flat_map(|components| &components.0)
}

fn crates(bom: &Bom) -> impl Iterator<Item = &Listed> {
    all(bom).filter(|it| it.bom_ref.as_deref() != Some(STANDARD_LIBRARY))
}

/// `name@version`, as in a package URL.
fn name(it: &Listed) -> String {
    format!("{}@{}", it.name, it.version.as_ref().map(ToString::to_string).unwrap_or_default())
}

fn hashes(it: &Listed) -> Vec<String> {
    it.hashes.iter().flat_map(|hashes| &hashes.0).map(|hash| hash.content.0.clone()).collect()
}

fn checksum(lock: &toml::Table, it: &Listed) -> Option<String> {
    Some(locked(lock, it)?.get("checksum")?.as_str()?.to_owned())
}

/// Whether a crate is in the lock file as one of the project's own.
fn has_no_registry(lock: &toml::Table, it: &Listed) -> bool {
    locked(lock, it).is_some_and(|package| package.get("source").is_none())
}

fn locked<'a>(lock: &'a toml::Table, it: &Listed) -> Option<&'a toml::Value> {
    lock["package"].as_array()?.iter().find(|package| {
        let text = |key: &str| package.get(key).and_then(toml::Value::as_str);
        text("name").zip(text("version")).is_some_and(|(a, b)| format!("{a}@{b}") == name(it))
    })
}

/// The crates of `cargo tree` with these edges, as `name@version`.
fn tree(published: &Published, edges: &str) -> Result<BTreeSet<String>> {
    let component: &Component =
        ALL.iter().find(|it| it.name == published.component).context("it is built")?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "--prefix", "none", "--no-dedupe", "--format", "{p}", "--edges", edges]);
    cargo.args(["--package", component.package, "--target", component.target.triple()]);
    if let Some(features) = component.features {
        cargo.args(["--no-default-features", "--features", features]);
    }
    let output = cargo.current_dir(components::workspace().join(component.folder)).output()?;
    ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout)?;
    let crates = lines.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{}@{}", words.next()?, words.next()?.strip_prefix('v')?))
    });
    Ok(crates.collect())
}

const STANDARD_LIBRARY: &str = "rust";
