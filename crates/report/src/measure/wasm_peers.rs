//! What an app in wasm would use instead: the official crate for Rust on a transport over `wasi:http`, in its newest release
//! and its newest beta, and what people build by hand. They run in the same host as the component.
//!
//! Building the official crate needs cargo and the registry, and no installation, so it is done here.

use crate::guests::BY_HAND;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The peers.
pub struct WasmPeers {
    /// Raw `wasi:http` and `serde_json`.
    pub by_hand: WasmPeer,
    /// The newest release; `None`: it could not be built.
    pub official: Option<WasmPeer>,
    /// The newest beta; `None`: it could not be built.
    pub beta: Option<WasmPeer>,
    /// Why peers are missing.
    pub missing: Vec<String>,
}

/// The component of a peer.
pub struct WasmPeer {
    /// The component for the measurement of times, compiled for speed as `cargo build --release` does.
    pub measured: String,
    /// The component for the comparison of sizes, compiled for size as this project's is.
    pub small: String,
}

impl WasmPeers {
    /// Builds the peers, which takes minutes the first time.
    pub fn build() -> Self {
        let by_hand = WasmPeer { measured: BY_HAND.to_owned(), small: BY_HAND.to_owned() };
        let mut missing = Vec::new();
        let mut peer = |name: &str| {
            let built = build(name);
            built.map_err(|error| missing.push(format!("{name}: {error:#}"))).ok()
        };
        let (official, beta) = (peer("official"), peer("official-beta"));
        Self { by_hand, official, beta, missing }
    }
}

fn build(name: &str) -> Result<WasmPeer> {
    Ok(WasmPeer {
        measured: compile(name, "3", &["--features", "measured"])?,
        small: compile(name, "z", &[])?,
    })
}

/// Compiles a peer at a level of optimisation.
fn compile(name: &str, level: &str, features: &[&str]) -> Result<String> {
    let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    // Each level has a folder, so that neither build replaces the other's.
    let target = workspace.join("target/peers").join(format!("wasm-{level}"));
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--profile", "component", "--quiet", "--locked", "--target", "wasm32-wasip2"]);
    cargo.args(features).arg("--target-dir").arg(&target).arg("--manifest-path");
    cargo.arg(workspace.join("crates/report/peers").join(name).join("Cargo.toml"));
    cargo.env("CARGO_PROFILE_COMPONENT_OPT_LEVEL", level);
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    let output = cargo.output().context("cargo did not start")?;
    let last = |text: &[u8]| String::from_utf8_lossy(text).lines().last().unwrap_or_default().to_owned();
    ensure!(output.status.success(), "it does not compile: {}", last(&output.stderr));
    let built: PathBuf =
        target.join("wasm32-wasip2/component").join(format!("{}.wasm", name.replace('-', "_")));
    Ok(built.to_string_lossy().into_owned())
}
