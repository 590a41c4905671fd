//! The Azure SDKs, native, doing the same on the same machine in the same run.
//!
//! `peers/install` puts them into `target/peers`; without it their rows say that they are missing.

use super::answering::Answering;
use super::timing::median;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What a peer needs for the same; `None`: it was not measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peer {
    /// A cached call.
    pub cached: Option<Duration>,
    /// A new credential's first token, in a process that had one already.
    pub first: Option<Duration>,
    /// A new process, from its start to its end, with one token between.
    pub process: Option<Duration>,
    /// A certificate credential's first token.
    pub certificate: Option<Duration>,
    /// The requests for one token from IMDS.
    pub requests: Option<u64>,
}

/// The official crate for Rust.
///
/// # Errors
/// When it is there and fails.
pub fn rust(server: &Answering) -> Result<Peer> {
    let program = folder().join("rust/release/peer-rust");
    let certificate = fixture("certificates/modern-no-password.pfx");
    let address = server.address.to_string();
    let arguments = [address.as_str(), &*certificate.to_string_lossy()];
    let once = [address.as_str(), "once"];
    measure(&program, &arguments, &once, server)
}

/// `azure-identity` for Python.
///
/// # Errors
/// When it is there and fails.
pub fn python(server: &Answering) -> Result<Peer> {
    let script = workspace().join("crates/report/peers/python/measure.py");
    let script = script.to_string_lossy();
    measure(&folder().join("python/bin/python"), &[&*script], &[&*script, "once"], server)
}

/// `@azure/identity` for JavaScript, under Node.
///
/// # Errors
/// When it is there and fails.
pub fn node(server: &Answering) -> Result<Peer> {
    // Node looks for packages beside the script.
    let script = folder().join("node/measure.mjs");
    if !script.is_file() {
        return Ok(Peer::default());
    }
    let script = script.to_string_lossy();
    measure(Path::new("node"), &[&*script], &[&*script, "once"], server)
}

/// The official crate, built into a component with the same sources: its size in bytes.
pub fn official_component() -> Option<u64> {
    Some(std::fs::metadata(folder().join("official.wasm")).ok()?.len())
}

fn measure(program: &Path, figures: &[&str], once: &[&str], server: &Answering) -> Result<Peer> {
    if program.components().count() > 1 && !program.is_file() {
        return Ok(Peer::default());
    }
    let run = |arguments: &[&str]| -> Result<String> {
        let output = Command::new(program).args(arguments).envs(server.imds()).output()?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{} failed: {complaint}", program.display());
        Ok(String::from_utf8(output.stdout)?)
    };
    server.take();
    run(once)?;
    let (requests, _) = server.take();
    let process = median(7, || run(once).map(drop))?;
    let figures: serde_json::Value = serde_json::from_str(&run(figures)?)
        .with_context(|| format!("what {} printed", program.display()))?;
    let nanoseconds = |name: &str| {
        let figure = figures.get(name)?.as_f64()?;
        (figure > 0.0).then(|| Duration::from_nanos(figure as u64))
    };
    Ok(Peer {
        cached: nanoseconds("cached"),
        first: nanoseconds("first"),
        process: Some(process),
        certificate: nanoseconds("certificate"),
        requests: Some(requests),
    })
}

/// A file of `fixtures/`.
pub fn fixture(name: &str) -> PathBuf {
    workspace().join("host-tests/fixtures").join(name)
}

fn folder() -> PathBuf {
    workspace().join("target/peers")
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
