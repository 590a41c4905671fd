//! `docs/quick-start/rust.md`, from an empty folder, with the packages of the crates from a local registry.

use anyhow::{Context, Result, ensure};
use azure_simulator::settings::{SYSTEM_CLIENT_ID, SYSTEM_OBJECT_ID, TENANT_ID};
use azure_simulator::{Settings, Simulator};
use host_tests::edition::Edition;
use host_tests::external_tools;
use regex::Regex;
use release::provider_crate;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What the page promises.
const COMMANDS: usize = 10;

#[test]
fn the_quick_start_for_rust_shows_the_claims_of_a_token() -> Result<()> {
    let Some(wasmtime) = external_tools::wasmtime()? else { return Ok(()) };
    let page = fs::read_to_string(workspace().join("docs/quick-start/rust.md"))?;
    let shell = blocks(&page, "sh")?;
    let [install, project, build, simulator, start] = &shell[..] else { panic!("other blocks: {shell:?}") };
    assert!(shell.iter().flat_map(|it| it.lines()).count() <= COMMANDS, "{shell:?}");
    let reader = Reader::with_crates(wasmtime.parent().context("the program is in a folder")?)?;
    // The simulator's own tests install it; here it runs in this process.
    assert_eq!(simulator, "azure-simulator\n");
    reader.run("", &install.replace("cargo install --locked azure-simulator\n", ""))?;
    reader.run("", project)?;
    fs::write(reader.folder.path().join("quick-start/src/main.rs"), &blocks(&page, "rust")?[0])?;
    symlink(reader.compiled.join("app"), reader.folder.path().join("quick-start/target"))?;
    reader.run("quick-start", build)?;
    let simulator = Simulator::start(Settings::default())?;
    let start = start.replace("127.0.0.1:8169", &simulator.address().to_string());
    let printed = reader.run("quick-start", &start)?;
    assert_eq!(printed, blocks(&page, "text")?[0], "the page shows what the app prints");
    for id in [TENANT_ID, SYSTEM_CLIENT_ID, SYSTEM_OBJECT_ID] {
        assert!(printed.contains(id), "{printed}");
    }
    Ok(())
}

/// A reader's folder, and a registry of crates in the form of `cargo vendor`.
struct Reader {
    folder: TempDir,
    registry: TempDir,
    /// What is compiled, which later runs find again.
    compiled: PathBuf,
    path: std::ffi::OsString,
}

impl Reader {
    fn with_crates(programs: &Path) -> Result<Reader> {
        let (folder, registry) = (TempDir::new()?, TempDir::new()?);
        let compiled = workspace().join("target/quick-start");
        fs::create_dir_all(compiled.join("app"))?;
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = [registry.path().join("cargo/bin"), programs.to_owned()];
        let path = std::env::join_paths(path.into_iter().chain(std::env::split_paths(&inherited)))?;
        fill(registry.path())?;
        Ok(Reader { folder, registry, compiled, path })
    }

    /// Runs lines of the page in a folder below the reader's, and returns what they print.
    fn run(&self, folder: &str, lines: &str) -> Result<String> {
        let mut shell = Command::new("bash");
        shell.args(["-c", &format!("set -e\n{lines}")]).current_dir(self.folder.path().join(folder));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO") {
                shell.env_remove(name);
            }
        }
        shell.env("CARGO_HOME", self.registry.path().join("cargo")).env("PATH", &self.path);
        // Only the programs that are installed are built for release.
        shell.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0").env("CARGO_PROFILE_RELEASE_DEBUG", "false");
        if lines.contains("cargo install") {
            shell.env("CARGO_TARGET_DIR", self.compiled.join("programs"));
        }
        let output = shell.output()?;
        ensure!(output.status.success(), "{lines}{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// Fills a folder with the packages of the crates, and with those that they and the app depend on, from cargo's cache.
fn fill(registry: &Path) -> Result<()> {
    let packages = registry.join("packages");
    let components = registry.join("components");
    fs::create_dir_all(&components)?;
    for edition in provider_crate::EDITIONS {
        let built = Path::new(Edition::Wasi02.component()).with_file_name(format!("{edition}.wasm"));
        fs::copy(built, components.join(format!("{edition}.wasm")))?;
    }
    provider_crate::pack(workspace(), &components, &packages)?;
    let guest = ["package", "--quiet", "--no-verify", "--locked", "--allow-dirty"];
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(guest)
        .args(["--package", "azure-identity-guest", "--target-dir"])
        .arg(registry.join("target"));
    succeed(cargo.current_dir(workspace()))?;
    let guest = format!("azure-identity-guest-{}.crate", env!("CARGO_PKG_VERSION"));
    fs::copy(registry.join("target/package").join(&guest), packages.join(&guest))?;

    let crates = registry.join("crates");
    fs::create_dir_all(&crates)?;
    let mut vendor = Command::new(env!("CARGO"));
    vendor.args(["vendor", "--quiet", "--versioned-dirs", "--manifest-path"]).arg(others(registry)?);
    for package in fs::read_dir(&packages)? {
        succeed(Command::new("tar").arg("xf").arg(package?.path()).arg("-C").arg(registry))?;
    }
    let unpacked = ["azure-identity-guest", "azure-identity-provider"];
    let unpacked = unpacked.map(|name| registry.join(format!("{name}-{}", env!("CARGO_PKG_VERSION"))));
    for folder in &unpacked {
        vendor.arg("--sync").arg(folder.join("Cargo.toml"));
    }
    succeed(vendor.arg(&crates).current_dir(registry))?;
    for folder in &unpacked {
        fs::write(folder.join(".cargo-checksum.json"), "{\"files\":{}}")?;
        fs::rename(folder, crates.join(folder.file_name().context("it has a name")?))?;
    }
    fs::create_dir_all(registry.join("cargo"))?;
    let source = format!(
        "[source.crates-io]\nreplace-with = \"local\"\n[source.local]\ndirectory = {crates:?}\n[net]\noffline = true\n"
    );
    fs::write(registry.join("cargo/config.toml"), source)?;
    Ok(())
}

/// The manifest of a package that depends on what the app depends on besides, in the versions of the project.
fn others(registry: &Path) -> Result<PathBuf> {
    let folder = registry.join("others");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let manifest = "[package]\nname = \"others\"\nedition = \"2024\"\n[dependencies]\nbase64 = \"0.22\"\nserde_json = \"1\"\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest)?;
    Ok(folder.join("Cargo.toml"))
}

fn succeed(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The blocks of a language in a page, in order.
fn blocks(page: &str, language: &str) -> Result<Vec<String>> {
    let block = Regex::new(&format!(r"(?ms)^```{language}\n(.*?)^```$"))?;
    Ok(block.captures_iter(page).map(|found| found[1].to_owned()).collect())
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
