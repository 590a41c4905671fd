//! The tools that tests run and that cargo does not build: `.ci/tools` installs them into `target/tools`.
//!
//! There is one function for each tool. Without the tool a test reports that it is skipped and ends; in CI
//! (`CI=true`) it fails:
//!
//! ```text
//! let Some(wasmtime) = external_tools::wasmtime()? else { return Ok(()) };
//! ```

use anyhow::{Result, bail};
use std::env;
use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};

/// The command line of wasmtime: `run`, `serve`.
pub fn wasmtime() -> Result<Option<PathBuf>> {
    or_skip("wasmtime", program("wasmtime"))
}

/// `wac`, which composes components: `wac plug`.
pub fn wac() -> Result<Option<PathBuf>> {
    or_skip("wac", program("wac"))
}

/// `wkg`, which publishes and fetches WIT packages and components.
pub fn wkg() -> Result<Option<PathBuf>> {
    or_skip("wkg", program("wkg"))
}

/// An OCI registry, for components.
pub fn oci_registry() -> Result<Option<PathBuf>> {
    or_skip("docker-registry", program("docker-registry"))
}

/// The server of Redis. Tests start it with [`RedisServer`](crate::redis_server::RedisServer).
pub fn redis_server() -> Result<Option<PathBuf>> {
    or_skip("redis-server", program("redis-server"))
}

/// The server of NATS. Tests start it with [`NatsServer`](crate::nats_server::NatsServer).
pub fn nats_server() -> Result<Option<PathBuf>> {
    or_skip("nats-server", program("nats-server"))
}

/// `wit-bindgen`, which generates the C header of an interface.
pub fn wit_bindgen() -> Result<Option<PathBuf>> {
    or_skip("wit-bindgen", program("wit-bindgen"))
}

/// clang, with wasm-ld, make, and wasi-libc at the path of Debian's package.
pub fn c_compiler() -> Result<Option<PathBuf>> {
    let is_whole = Path::new("/usr/include/wasm32-wasi").is_dir()
        && on_path("make").is_some()
        && on_path("wasm-ld").is_some();
    or_skip("clang for wasm32-wasi", on_path("clang").filter(|_| is_whole))
}

/// rustdoc of Rust 1.95: the format of its JSON changes between versions, and the crate `public-api` reads that of one.
pub fn rustdoc() -> Result<Option<PathBuf>> {
    let version = std::process::Command::new("rustc").arg("--version").output()?.stdout;
    or_skip("rustdoc 1.95", Some(PathBuf::from("rustdoc")).filter(|_| version.starts_with(b"rustc 1.95.")))
}

/// The server of NATS in a version that wasmCloud's host needs: Debian's lacks fields that its client reads.
pub fn recent_nats_server() -> Result<Option<PathBuf>> {
    or_skip("nats-server-2.15", program("nats-server-2.15"))
}

/// wasmCloud's command line, which is also its host: `wash host`.
pub fn wash() -> Result<Option<PathBuf>> {
    or_skip("wash", program("wash"))
}

/// Spin, if it is on the path. It is in no registry, so CI has none: without it a test is skipped there too, and says so.
pub fn spin() -> Option<PathBuf> {
    let found = on_path("spin");
    if found.is_none() {
        let thread = std::thread::current();
        let notice = format!("SKIPPED {}: spin is not on the path\n", thread.name().unwrap_or("a test"));
        // Not `eprintln!`, whose output the test harness captures.
        let _ = stderr().write_all(notice.as_bytes());
    }
    found
}

/// mdBook, which builds the book of `docs/`.
pub fn mdbook() -> Result<Option<PathBuf>> {
    or_skip("mdbook", python_program("mdbook"))
}

/// lychee, which checks links.
pub fn lychee() -> Result<Option<PathBuf>> {
    or_skip("lychee", python_program("lychee"))
}

/// OpenSSL, for a TLS server that is not of this project: `openssl s_server`.
pub fn openssl() -> Result<Option<PathBuf>> {
    or_skip("openssl", on_path("openssl"))
}

/// Binaryen's `wasm-opt`, with which the components are built if it is installed.
pub fn wasm_opt() -> Result<Option<PathBuf>> {
    or_skip("wasm-opt", Some(node_modules().join("binaryen/bin/wasm-opt")).filter(|it| it.is_file()))
}

/// Node, with the packages of `.ci/node` in [`node_modules`].
pub fn node() -> Result<Option<PathBuf>> {
    match on_path("node") {
        None => or_skip("node", None),
        node => {
            let node = node.filter(|_| is_installed("node", "package-lock.json"));
            or_skip("a package of .ci/node, or its version,", node)
        }
    }
}

/// The folder of the packages that Node programs import.
pub fn node_modules() -> PathBuf {
    tools().join("node/node_modules")
}

/// Chromium, for [`node`] with playwright-core.
pub fn chromium() -> Result<Option<PathBuf>> {
    or_skip("chromium", on_path("chromium"))
}

/// Azurite, the emulator of Azure Storage: the script of its blob service, for [`node`].
pub fn azurite() -> Result<Option<PathBuf>> {
    let script = node_modules().join("azurite/dist/src/blob/main.js");
    Ok(node()?.map(|_| script))
}

/// Python, in an environment with the packages of `.ci/python`.
pub fn python() -> Result<Option<PathBuf>> {
    let python = Some(tools().join("python/bin/python")).filter(|it| it.is_file());
    match python {
        None => or_skip("python", None),
        python => {
            let python = python.filter(|_| is_installed("python", "requirements.txt"));
            or_skip("a package of .ci/python, or its version,", python)
        }
    }
}

/// Returns the tool; without it, reports the test as skipped, or fails in CI.
fn or_skip(tool: &str, found: Option<PathBuf>) -> Result<Option<PathBuf>> {
    let is_ci = env::var("CI").is_ok_and(|ci| ci == "true");
    let thread = std::thread::current();
    let (outcome, notice) = decide(tool, found, is_ci, thread.name().unwrap_or("a test"))?;
    // Not `eprintln!`, whose output the test harness captures.
    let _ = stderr().write_all(notice.as_bytes());
    Ok(outcome)
}

/// The tool, and the notice to print without it.
fn decide(tool: &str, found: Option<PathBuf>, is_ci: bool, test: &str) -> Result<(Option<PathBuf>, String)> {
    match found {
        Some(path) => Ok((Some(path), String::new())),
        None if is_ci => bail!("{tool} is not installed, and CI skips no test; run .ci/tools"),
        None => Ok((None, format!("SKIPPED {test}: {tool} is not installed; run .ci/tools\n"))),
    }
}

/// A program that `.ci/tools` installed, or one of that name on the path.
fn program(name: &str) -> Option<PathBuf> {
    let ours = tools().join("bin").join(file_name(name));
    if ours.is_file() { Some(ours) } else { on_path(name) }
}

/// A program that a package of `.ci/python` brings as a binary, or one of that name on the path.
fn python_program(name: &str) -> Option<PathBuf> {
    let ours = tools().join("python/bin").join(file_name(name));
    if ours.is_file() { Some(ours) } else { on_path(name) }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(file_name(name))).find(|file| file.is_file())
}

fn file_name(program: &str) -> String {
    format!("{program}{}", env::consts::EXE_SUFFIX)
}

/// Whether the packages of `.ci/<language>` are installed in the versions that `lock` specifies now.
fn is_installed(language: &str, lock: &str) -> bool {
    let wanted = fs::read(workspace().join(".ci").join(language).join(lock));
    let installed = fs::read(tools().join(language).join("installed"));
    matches!((wanted, installed), (Ok(wanted), Ok(installed)) if wanted == installed)
}

fn tools() -> PathBuf {
    workspace().join("target/tools")
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_without_its_tool_is_skipped_and_fails_in_ci() {
        let skipped = decide("wac", None, false, "it_composes").expect("no error");
        assert_eq!(skipped, (None, "SKIPPED it_composes: wac is not installed; run .ci/tools\n".to_owned()));
        let error = decide("wac", None, true, "it_composes").expect_err("CI skips nothing");
        assert_eq!(error.to_string(), "wac is not installed, and CI skips no test; run .ci/tools");
        for is_ci in [false, true] {
            let found = decide("wac", Some("/bin/wac".into()), is_ci, "").expect("no error");
            assert_eq!(found, (Some("/bin/wac".into()), String::new()));
        }
    }

    #[test]
    fn a_program_is_found_on_the_path() {
        assert!(on_path("cargo").is_some_and(|cargo| cargo.is_file()));
        assert_eq!(on_path("no-such-program"), None);
    }
}
