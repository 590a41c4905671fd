//! The program `azure-simulator` as packages that need no cargo: a wheel and an npm package with the binary inside.

use crate::command::{run, step};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the program once, packs the wheel into `to/python` and the tarball into `to/npm`, and returns both.
///
/// They run on the platform that this is run on: in the release's workflow, Linux on x86-64 alone.
///
/// # Errors
/// When maturin, cargo or npm is missing or fails.
pub fn pack(workspace: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let workspace = &workspace.canonicalize()?;
    // maturin moves the program while it packs it, so that two runs at the same time would take it from each other.
    let lock = fs::File::create(workspace.join("target/simulator.lock"))?;
    lock.lock()?;
    let wheel = wheel(workspace, &to.join("python"))?;
    let program = workspace.join("target").join(TARGET).join("release").join(PROGRAM);
    Ok(vec![wheel, tarball(workspace, &program, &to.join("npm"))?])
}

/// Builds the program and packs it into a wheel.
fn wheel(workspace: &Path, to: &Path) -> Result<PathBuf> {
    step("maturin build azure-simulator");
    run(Command::new("rustup").args(["--quiet", "target", "add", TARGET]))?;
    let built = tempfile::tempdir()?;
    let mut maturin = Command::new(workspace.join("target/tools/python/bin/maturin"));
    maturin.args(["build", "--quiet", "--release", "--target", TARGET, "--out"]).arg(built.path());
    // A static program: it runs with every C library.
    if cfg!(target_os = "linux") {
        maturin.args(["--compatibility", "manylinux2014", "musllinux_1_2"]);
    }
    maturin.arg("--target-dir").arg(workspace.join("target"));
    maturin.current_dir(workspace.join("packages/simulator/python"));
    // ring's C code includes nothing of the C library, so that the system's compiler serves where there is none for musl.
    let compiler = format!("CC_{}", TARGET.replace('-', "_"));
    if std::env::var_os(&compiler).is_none() && cfg!(target_os = "linux") {
        maturin.env(compiler, "cc");
    }
    let flags = format!("CARGO_TARGET_{}_RUSTFLAGS", TARGET.replace('-', "_").to_uppercase());
    maturin.env(flags, without_machine(workspace)).env("SOURCE_DATE_EPOCH", DATE);
    run(&mut maturin)?;
    let wheel = fs::read_dir(built.path())?.next().context("maturin made no wheel")??;
    fs::create_dir_all(to)?;
    let path = to.join(wheel.file_name());
    fs::copy(wheel.path(), &path)?;
    Ok(path)
}

/// Packs the program into a tarball for npm.
fn tarball(workspace: &Path, program: &Path, to: &Path) -> Result<PathBuf> {
    step("npm pack azure-simulator");
    let package = tempfile::tempdir()?;
    let source = workspace.join("packages/simulator/npm");
    for file in ["package.json", "README.md", "LICENSE-APACHE", "LICENSE-MIT", "bin/azure-simulator.js"] {
        copy(&source.join(file), &package.path().join(file))?;
    }
    copy(program, &package.path().join("programs").join(PLATFORM).join(PROGRAM))?;
    fs::create_dir_all(to)?;
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]).arg(to.canonicalize()?);
    let name = run(npm.current_dir(package.path()))?;
    Ok(to.join(name.trim()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file has a folder")?)?;
    fs::copy(from, to).with_context(|| format!("no {}", from.display()))?;
    Ok(())
}

/// Flags that remove the folders of this machine from the paths in panic messages.
fn without_machine(workspace: &Path) -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")));
    let folders = [Some(workspace.to_owned()), cargo];
    let flags = folders.iter().flatten().map(|it| format!("--remap-path-prefix={}=.", it.display()));
    flags.collect::<Vec<_>>().join(" ")
}

/// The target that the program is built for.
const TARGET: &str = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    "x86_64-unknown-linux-musl"
} else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    "aarch64-unknown-linux-musl"
} else if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
    "aarch64-apple-darwin"
} else if cfg!(target_os = "macos") {
    "x86_64-apple-darwin"
} else {
    "x86_64-pc-windows-msvc"
};

/// The platform as Node names it.
const PLATFORM: &str = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    "linux-x64"
} else if cfg!(target_os = "linux") {
    "linux-arm64"
} else if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
    "darwin-arm64"
} else if cfg!(target_os = "macos") {
    "darwin-x64"
} else {
    "win32-x64"
};

/// The program's file.
const PROGRAM: &str = if cfg!(windows) { "azure-simulator.exe" } else { "azure-simulator" };

/// The time of the files in the wheel, which is a ZIP: two builds are equal. 1980 is the first year that a ZIP knows.
const DATE: &str = "315619200";
