//! The Azure SDKs, native, measured on the same machine in the same run.
//!
//! `peers/install` installs them into `target/peers`; a peer that is not installed is not measured.

use super::timing;
use super::token_server::TokenServer;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The peers.
pub struct Peers {
    /// `azure_identity` for Rust.
    pub rust: Peer,
    /// `azure-identity` for Python.
    pub python: Peer,
    /// `@azure/identity` for JavaScript, in Node.
    pub node: Peer,
}

impl Peers {
    /// The names of those that are not installed.
    pub fn missing(&self) -> Vec<&'static str> {
        let all = [("azure_identity (native)", &self.rust), ("Python", &self.python), ("Node", &self.node)];
        all.into_iter().filter(|(_, peer)| peer.process.is_none()).map(|(name, _)| name).collect()
    }

    /// Measures all peers.
    ///
    /// # Errors
    /// When a peer is installed and fails.
    pub fn measure(server: &TokenServer) -> Result<Self> {
        Ok(Self { rust: rust(server)?, python: python(server)?, node: node(server)? })
    }
}

/// The figures of a peer; `None`: not measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peer {
    /// The time of a cached call.
    pub cached: Option<Duration>,
    /// The time of a new credential's first token, in a process that had one before.
    pub first: Option<Duration>,
    /// The time of a new process that gets one token, from its start to its end.
    pub process: Option<Duration>,
    /// The time of a certificate credential's first token.
    pub certificate: Option<Duration>,
    /// The requests for a token from IMDS.
    pub requests: Option<u64>,
}

fn rust(server: &TokenServer) -> Result<Peer> {
    let program = folder().join("rust/release/peer-rust");
    let certificate = fixture("certificates/modern-no-password.pfx");
    let address = server.address.to_string();
    let arguments = [address.as_str(), &*certificate.to_string_lossy()];
    let once = [address.as_str(), "once"];
    measure(&program, &arguments, &once, server)
}

fn python(server: &TokenServer) -> Result<Peer> {
    let script = workspace().join("crates/report/peers/python/measure.py");
    let script = script.to_string_lossy();
    measure(&folder().join("python/bin/python"), &[&*script], &[&*script, "once"], server)
}

fn node(server: &TokenServer) -> Result<Peer> {
    // Node resolves packages from the folder of the script.
    let script = folder().join("node/measure.mjs");
    if !script.is_file() {
        return Ok(Peer::default());
    }
    let script = script.to_string_lossy();
    measure(Path::new("node"), &[&*script], &[&*script, "once"], server)
}

fn measure(program: &Path, figures: &[&str], once: &[&str], server: &TokenServer) -> Result<Peer> {
    if program.components().count() > 1 && !program.is_file() {
        return Ok(Peer::default());
    }
    let run = |arguments: &[&str]| -> Result<String> {
        let output = Command::new(program).args(arguments).envs(server.imds()).output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{} failed: {stderr}", program.display());
        Ok(String::from_utf8(output.stdout)?)
    };
    server.take();
    run(once)?;
    let (requests, _) = server.take();
    let process = timing::of(7, || run(once).map(drop))?;
    let figures: serde_json::Value = serde_json::from_str(&run(figures)?)
        .with_context(|| format!("{} printed no JSON", program.display()))?;
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

/// A file of `host-tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    workspace().join("host-tests/fixtures").join(name)
}

fn folder() -> PathBuf {
    workspace().join("target/peers")
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
