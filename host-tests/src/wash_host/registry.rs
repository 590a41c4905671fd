//! An OCI registry on loopback.

use crate::background_program::BackgroundProgram;
use anyhow::{Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Debian's docker-registry, on a port that it chooses.
pub struct Registry {
    /// Its address.
    pub address: String,
    _process: BackgroundProgram,
}

impl Registry {
    /// Starts it with a store in the folder.
    pub fn start(program: &Path, folder: &Path) -> Result<Self> {
        let configuration = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {:?}}}}}\nhttp: {{addr: \"127.0.0.1:0\"}}\n",
            folder.join("packages")
        );
        fs::write(folder.join("registry.yml"), configuration)?;
        let mut process =
            BackgroundProgram::start(Command::new(program).arg("serve").arg(folder.join("registry.yml")))?;
        let address = process.wait_for("listening on ")?;
        Ok(Self { address: address.split('"').next().unwrap_or_default().to_owned(), _process: process })
    }

    /// Pushes a component with `wash`, whose home is the folder.
    pub fn push(&self, wash: &Path, folder: &Path, name: &str, component: &[u8]) -> Result<()> {
        let file = folder.join(format!("{name}.wasm"));
        fs::write(&file, component)?;
        let mut push = Command::new(wash);
        push.args(["oci", "push", "--insecure", &format!("{}/{name}:{TAG}", self.address)]).arg(&file);
        let output = push.env("HOME", folder).current_dir(folder).output()?;
        ensure!(output.status.success(), "wash oci push: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

/// The tag of everything in the registry.
pub const TAG: &str = "test";
