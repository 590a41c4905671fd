//! A fleet of hosts that share a token cache (`src/fleet.rs`): `cargo run -p host-tests --bin fleet -- --help`.
//!
//! It needs the embedder's crate with its stores, which the demo, the default program of this package, does without. So a build
//! without the feature `tests` builds and runs the program with it.

#[cfg(feature = "tests")]
mod program;
#[cfg(feature = "tests")]
mod real;
#[cfg(feature = "tests")]
mod report;

use anyhow::Result;

#[cfg(feature = "tests")]
fn main() -> Result<()> {
    program::run()
}

#[cfg(not(feature = "tests"))]
fn main() -> Result<std::process::ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.args(["run", "--quiet", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    command.args(["--features", "tests", "--bin", "fleet"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let status = command.arg("--").args(std::env::args_os().skip(1)).status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1).into())
}
