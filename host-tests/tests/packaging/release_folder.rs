//! The folder of a release: what it contains, and its way through a registry.

use crate::published::OciRegistry;
use crate::workspace;
use anyhow::{Context, Result, ensure};
use components::PUBLISHED;
use golden::expect_file;
use host_tests::background_program::BackgroundProgram;
use host_tests::external_tools;
use release::publish::{Part, commands, references};
use release::settings::{LICENCES, Settings};
use release::{all, contents, namespace, notes, provenance, sums, twice, wit};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// The folder, built once for all tests; `None`: a program is missing, and the tests are skipped.
static FOLDER: LazyLock<Result<Option<PathBuf>>> = LazyLock::new(|| {
    let tools = [external_tools::wkg()?, external_tools::node()?, external_tools::python()?];
    if tools.iter().any(Option::is_none) || external_tools::wasm_opt()?.is_none() {
        return Ok(None);
    }
    let to = workspace().canonicalize()?.join("target/tmp/release-artifacts");
    all::all(&workspace().canonicalize()?, &to)?;
    Ok(Some(to))
});

fn folder() -> Result<Option<&'static Path>> {
    match &*FOLDER {
        Ok(folder) => Ok(folder.as_deref()),
        Err(error) => anyhow::bail!("the release does not build: {error:#}"),
    }
}

#[test]
fn every_file_has_a_checksum_that_sha256sum_accepts() -> Result<()> {
    let Some(folder) = folder()? else { return Ok(()) };
    sums::check(folder)?;
    let mut program = Command::new("sha256sum");
    let output = program.args(["--check", "--strict", "--quiet", sums::FILE]).current_dir(folder).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[test]
fn the_packages_contain_the_files_of_the_golden_file() -> Result<()> {
    let Some(folder) = folder()? else { return Ok(()) };
    let mut listed = String::new();
    for name in sums::files(folder)? {
        listed += &format!("{name}\n");
        let Some(files) = contents::files(&folder.join(&name))? else { continue };
        let mut names: Vec<_> = files.keys().map(|file| without_source_files(file)).collect();
        names.dedup();
        names.iter().for_each(|file| listed += &format!("    {file}\n"));
    }
    expect_file!["contents.txt"].assert_eq(&listed);
    Ok(())
}

/// The name of a file in a package. The source files of a crate are one line for each folder: another test compares them with
/// the crate's folder.
fn without_source_files(file: &str) -> String {
    match file.rsplit_once('/') {
        Some((folder, name)) if name.ends_with(".rs") => format!("{folder}/*.rs"),
        _ => file.to_owned(),
    }
}

#[test]
fn every_file_is_under_its_limit() -> Result<()> {
    let Some(folder) = folder()? else { return Ok(()) };
    let limits: toml::Table = include_str!("limits.toml").parse()?;
    let limits: BTreeMap<&str, i64> =
        limits.iter().filter_map(|(name, limit)| Some((name.as_str(), limit.as_integer()?))).collect();
    let mut problems = Vec::new();
    for name in sums::files(folder)? {
        let bytes = i64::try_from(fs::metadata(folder.join(&name))?.len())?;
        // The longest name that the file's begins with: a folder has a limit for those that have none of their own.
        let limit =
            limits.iter().filter(|(prefix, _)| name.starts_with(*prefix)).max_by_key(|(it, _)| it.len());
        match limit {
            Some((_, limit)) if bytes <= *limit => {}
            Some((prefix, limit)) => {
                problems.push(format!("{name}: {bytes} bytes, and {prefix} has {limit}"))
            }
            None => problems.push(format!("{name}: no limit")),
        }
    }
    assert_eq!(problems, Vec::<String>::new());
    Ok(())
}

#[test]
fn every_package_contains_the_licences() -> Result<()> {
    let Some(folder) = folder()? else { return Ok(()) };
    let licences = LICENCES.iter().map(|name| fs::read(workspace().join(name)));
    let licences = licences.collect::<std::io::Result<Vec<_>>>()?;
    let mut packages = 0;
    for name in sums::files(folder)? {
        let Some(files) = contents::files(&folder.join(&name))? else { continue };
        for (licence, file) in licences.iter().zip(LICENCES) {
            ensure!(files.values().any(|bytes| bytes == licence), "{name} does not contain {file}");
        }
        packages += 1;
    }
    assert!(packages > 5, "{packages}");
    Ok(())
}

#[test]
fn the_statement_of_provenance_names_each_file_with_its_digest() -> Result<()> {
    let Some(folder) = folder()? else { return Ok(()) };
    let statement: Value = serde_json::from_slice(&fs::read(folder.join(provenance::FILE))?)?;
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    let subjects = statement["subject"].as_array().context("there are subjects")?;
    let subjects: BTreeMap<_, _> = subjects
        .iter()
        .filter_map(|it| Some((it["name"].as_str()?, it["digest"]["sha256"].as_str()?)))
        .collect();
    let files = sums::files(folder)?.into_iter();
    // These are made of the others' digests.
    let files = files.filter(|name| ![provenance::FILE, notes::FILE, sums::FILE].contains(&name.as_str()));
    let files: Vec<_> = files.map(|name| Ok((fs::read(folder.join(&name))?, name))).collect::<Result<_>>()?;
    let files: BTreeMap<_, _> =
        files.iter().map(|(bytes, name)| (name.as_str(), sums::sha256(bytes))).collect();
    assert_eq!(subjects, files.iter().map(|(name, digest)| (*name, digest.as_str())).collect());
    let dependencies = &statement["predicate"]["buildDefinition"]["resolvedDependencies"];
    let commit = release::command::git(workspace(), &["rev-parse", "HEAD"])?;
    assert_eq!(dependencies[0]["digest"]["gitCommit"], commit);
    Ok(())
}

#[test]
fn the_notes_have_the_newest_section_of_the_changelog_and_every_digest() -> Result<()> {
    let Some(folder) = folder()? else { return Ok(()) };
    let written = fs::read_to_string(folder.join(notes::FILE))?;
    let changelog = fs::read_to_string(workspace().join("CHANGELOG.md"))?;
    assert!(written.starts_with(notes::newest_section(&changelog)?));
    for published in PUBLISHED {
        let name = format!("{}.wasm", published.component);
        let digest = sums::sha256(&fs::read(folder.join("components").join(&name))?);
        let row = written.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        assert!(row.is_some_and(|row| row.ends_with(&format!("| `{digest}` |"))), "{row:?}");
    }
    Ok(())
}

#[test]
fn built_from_a_copy_in_another_folder_every_byte_is_the_same() -> Result<()> {
    let Some(folder) = folder()? else { return Ok(()) };
    let copy = twice::ProjectCopy::new(&workspace().canonicalize()?)?;
    let again = TempDir::new()?;
    let built = |name: &str| again.path().join(name);
    // One edition of the provider: the others are of the same code, and `release -- all --twice` builds them all.
    copy.build_some(&["azure-identity"], again.path())?;
    for name in sums::files(again.path())? {
        let (first, second) = (fs::read(folder.join(&name))?, fs::read(built(&name))?);
        assert!(first == second, "{name} has other bytes");
    }
    assert!(
        built("components/azure-identity.wasm").is_file() && built("sbom/azure-identity.cdx.json").is_file()
    );
    assert!(sums::files(&built("crates"))?.len() > 4, "the crates are built too");
    assert_eq!(sums::files(&built("wit"))?, sums::files(&folder.join("wit"))?);
    Ok(())
}

#[test]
fn what_is_published_is_fetched_without_a_login_with_the_digests_of_the_folder() -> Result<()> {
    let Some(folder) = folder()? else { return Ok(()) };
    let Some(wkg) = external_tools::wkg()? else { return Ok(()) };
    let Some(server) = external_tools::oci_registry()? else { return Ok(()) };
    let Some(python) = external_tools::python()? else { return Ok(()) };
    let registry = OciRegistry::start(&server)?;
    let mut settings = Settings::read(workspace())?;
    settings.oci.registry.clone_from(&registry.address);
    settings.oci.prefix = "someone/".to_owned();
    let artifacts = with_addresses(folder, &settings)?;
    for part in [Part::Wit, Part::Components] {
        for mut command in commands(part, &workspace().canonicalize()?, &settings, artifacts.path())? {
            let output = command.env("DOCKER_CONFIG", artifacts.path()).output()?;
            ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
    let domain = Domain::start(&python, artifacts.path())?;
    let interfaces = wit::packed(&artifacts.path().join("wit"))?.into_iter();
    let interfaces = interfaces.map(|it| (it.package, it.version, it.file));
    let components = PUBLISHED.iter().map(|it| {
        let file = artifacts.path().join(format!("components/{}.wasm", it.component));
        (it.package.to_owned(), it.version.to_owned(), file)
    });
    let published: Vec<_> = interfaces.chain(components).collect();
    assert_eq!(published.len(), PUBLISHED.len() + wit::PACKAGES.len());
    assert_eq!(references(&settings, artifacts.path())?.len(), published.len());
    for (package, version, file) in published {
        let digest = sums::sha256(&fs::read(file)?);
        let manifest = registry.manifest(&format!("someone/{}", package.replace(':', "/")), &version)?;
        assert_eq!(manifest["layers"][0]["digest"], format!("sha256:{digest}"), "{package}@{version}");
        // With the file for users, and with the namespace mapped to the domain, which serves `registry.json`.
        for configuration in [artifacts.path().join(namespace::CONFIGURATION), domain.configuration.clone()] {
            let fetched = artifacts.path().join("fetched.wasm");
            let _ = fs::remove_file(&fetched);
            let mut command = Command::new(&wkg);
            command.args(["get", &format!("{package}@{version}"), "--output"]).arg(&fetched);
            command.env("WKG_CONFIG_FILE", configuration).env("DOCKER_CONFIG", artifacts.path());
            let output = command.env("WKG_CACHE_DIR", TempDir::new()?.path()).output()?;
            ensure!(output.status.success(), "{package}: {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(sums::sha256(&fs::read(&fetched)?), digest, "{package}@{version}");
        }
    }
    Ok(())
}

/// The interfaces and components of a release, with the files that name the registry of these settings.
fn with_addresses(folder: &Path, settings: &Settings) -> Result<TempDir> {
    let copy = TempDir::new()?;
    for part in ["wit", "components"] {
        fs::create_dir(copy.path().join(part))?;
        for name in sums::files(&folder.join(part))? {
            fs::copy(folder.join(part).join(&name), copy.path().join(part).join(&name))?;
        }
    }
    namespace::write(settings, copy.path())?;
    Ok(copy)
}

/// A server with `registry.json` at its well-known path, as on the page of the owner's domain.
struct Domain {
    configuration: PathBuf,
    _server: BackgroundProgram,
}

impl Domain {
    fn start(python: &Path, artifacts: &Path) -> Result<Domain> {
        let pages = artifacts.join("pages/.well-known/wasm-pkg");
        fs::create_dir_all(&pages)?;
        fs::copy(artifacts.join(namespace::REGISTRY), pages.join("registry.json"))?;
        let mut command = Command::new(python);
        command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"]);
        let mut server = BackgroundProgram::start(command.arg(artifacts.join("pages")))?;
        let port = server.wait_for("Serving HTTP on 127.0.0.1 port ")?;
        let domain = format!("127.0.0.1:{}", port.split(' ').next().unwrap_or_default());
        let configuration = artifacts.join("domain.toml");
        fs::write(
            &configuration,
            format!(
                "[namespace_registries]\nazure = {domain:?}\n[registry.{domain:?}.oci]\nprotocol = \"http\"\n"
            ),
        )?;
        Ok(Domain { configuration, _server: server })
    }
}

#[test]
fn each_file_is_published_once_and_all_are_on_the_page() -> Result<()> {
    let Some(folder) = folder()? else { return Ok(()) };
    let root = workspace().canonicalize()?;
    let settings = Settings::read(&root)?;
    let words = |part: Part| -> Result<Vec<String>> {
        let commands = commands(part, &root, &settings, folder)?;
        let words =
            commands.iter().flat_map(|it| it.get_args().map(|word| word.to_string_lossy().into_owned()));
        Ok(words.collect())
    };
    for (part, below) in
        [(Part::Wit, "wit"), (Part::Components, "components"), (Part::Npm, "npm"), (Part::Python, "python")]
    {
        let words = words(part)?;
        // The archives of the interfaces are for the page alone.
        let files = sums::files(&folder.join(below)).unwrap_or_default();
        for name in files.iter().filter(|name| !name.ends_with(".zip")) {
            let path = folder.join(below).join(name).display().to_string();
            assert_eq!(words.iter().filter(|word| **word == path).count(), 1, "{path}: {words:?}");
        }
    }
    let crates = words(Part::Crates)?;
    for file in sums::files(&folder.join("crates"))? {
        let name = file.rsplit_once('-').context("a package has a version")?.0;
        // By its name, or by its package.
        let is_published = |word: &String| word == name || word.ends_with(&file);
        assert!(crates.iter().any(is_published), "{name}: {crates:?}");
    }
    let page = words(Part::Page)?;
    let on_the_page: Vec<_> = page.iter().filter_map(|word| word.split_once("release-page/")).collect();
    assert_eq!(on_the_page.len(), sums::files(folder)?.len());
    sums::check(&root.join(release::page::FOLDER))
}
