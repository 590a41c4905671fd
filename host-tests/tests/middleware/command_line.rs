//! Runs the `wac plug` commands of the READMEs.

use crate::contract::interfaces;
use anyhow::{Context, Result, ensure};
use host_tests::edition::Edition;
use host_tests::external_tools;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const READMES: &[&str] = &[
    include_str!("../../../middleware/allow-scopes/README.md"),
    include_str!("../../../middleware/log/README.md"),
    include_str!("../../../middleware/fake/README.md"),
];

#[test]
fn the_commands_of_the_readmes_compose_the_components() -> Result<()> {
    let Some(wac) = external_tools::wac()? else { return Ok(()) };
    READMES.iter().try_for_each(|readme| walk(&wac, readme))
}

/// Runs the commands of a README in a folder with the built components.
fn walk(wac: &Path, readme: &str) -> Result<()> {
    let folder = TempDir::new()?;
    let components = folder.path().join("target/components");
    std::fs::create_dir_all(&components)?;
    for edition in Edition::WHOLE {
        for path in
            [edition.component(), edition.http_auth(), edition.allow_scopes(), edition.log(), edition.fake()]
        {
            let name = Path::new(path).file_name().context("a component is a file")?;
            std::fs::copy(path, components.join(name))?;
        }
    }
    std::fs::copy(env!("HTTP_APP_WASM"), folder.path().join("app.wasm"))?;
    let commands: Vec<_> = readme.lines().filter(|line| line.starts_with("wac plug ")).collect();
    ensure!(commands.len() > 1, "the README has the commands {commands:?}");
    for command in commands {
        let arguments: Vec<_> = command.split_whitespace().skip(1).collect();
        let output = Command::new(wac).args(&arguments).current_dir(&folder).output()?;
        ensure!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        let composed = arguments.last().context("a command has arguments")?;
        let interfaces = interfaces(&folder.path().join(composed))?;
        ensure!(!interfaces.contains("import azure:identity/token-credential"), "{command}: {interfaces}");
    }
    Ok(())
}
