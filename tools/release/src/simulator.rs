//! The program `azure-simulator` as packages that need no cargo: a wheel and an npm package with the binary inside.

use crate::command::{run, step};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the program once, packs the wheel into `to/python` and the tarball into `to/npm`, and returns both.
///
/// The wheel runs on the platform that this is run on. What other machines built is in the folder that the variable
/// `SIMULATOR_PROGRAMS` names, with a folder `simulator-PLATFORM` for each (`simulator-linux-arm64`): their wheels stand beside this
/// one, and their programs are in the tarball. The jobs of `.github/workflows/release.yml` fill it.
///
/// # Errors
/// When maturin, cargo or npm is missing or fails.
pub fn pack(workspace: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let others = std::env::var_os("SIMULATOR_PROGRAMS").map(PathBuf::from);
    pack_with(workspace, others.as_deref(), to)
}

/// As [`pack`], with the folder of what other machines built.
///
/// # Errors
/// As [`pack`], and when that folder has something else.
pub fn pack_with(workspace: &Path, others: Option<&Path>, to: &Path) -> Result<Vec<PathBuf>> {
    let workspace = &workspace.canonicalize()?;
    // maturin moves the program while it packs it, so that two runs at the same time would take it from each other.
    let lock = fs::File::create(workspace.join("target/simulator.lock"))?;
    lock.lock()?;
    let wheel = wheel(workspace, &to.join("python"))?;
    let program = workspace.join("target").join(TARGET).join("release").join(PROGRAM);
    let mut programs = vec![(PLATFORM.to_owned(), program)];
    for folder in others.map(entries).transpose()?.unwrap_or_default() {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let platform = name.strip_prefix("simulator-").with_context(|| format!("{name} is no platform's"))?;
        for file in files(&folder)? {
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("whl") => copy(&file, &to.join("python").join(file.file_name().unwrap_or_default()))?,
                _ => programs.push((platform.to_owned(), file)),
            }
        }
    }
    Ok(vec![wheel, tarball(workspace, &programs, &to.join("npm"))?])
}

/// The files in a folder and those below it.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in entries(folder)? {
        found.extend(if entry.is_dir() { files(&entry)? } else { vec![entry] });
    }
    Ok(found)
}

/// What is in a folder, in alphabetical order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    let mut entries = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
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

/// Packs the programs of all platforms into a tarball for npm.
fn tarball(workspace: &Path, programs: &[(String, PathBuf)], to: &Path) -> Result<PathBuf> {
    step("npm pack azure-simulator");
    let package = tempfile::tempdir()?;
    let source = workspace.join("packages/simulator/npm");
    for file in ["package.json", "README.md", "LICENSE-APACHE", "LICENSE-MIT", "bin/azure-simulator.js"] {
        copy(&source.join(file), &package.path().join(file))?;
    }
    for (platform, program) in programs {
        let name = program.file_name().context("a program has a name")?;
        let packed = package.path().join("programs").join(platform).join(name);
        copy(program, &packed)?;
        make_executable(&packed)?;
    }
    fs::create_dir_all(to)?;
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]).arg(to.canonicalize()?);
    let name = run(npm.current_dir(package.path()))?;
    Ok(to.join(name.trim()))
}

/// The transfer between the jobs of a workflow loses the permission to run.
fn make_executable(program: &Path) -> Result<()> {
    #[cfg(unix)]
    fs::set_permissions(program, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    #[cfg(not(unix))]
    let _ = program;
    Ok(())
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
