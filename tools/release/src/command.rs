//! Runs the programs that build packages.

use anyhow::{Context, Result, ensure};
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs a command whose standard output is for programs, and returns that. Its standard error is shown.
///
/// # Errors
/// When the program does not start, or fails.
pub fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("{name} did not start"))?;
    ensure!(output.status.success(), "{} failed: {}", shown(command), output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// A command as a line of a shell: the program's name and its arguments.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The cargo that started this program, or the one on the path.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program that `.ci/tools` installed, or the one of this name on the path.
pub fn tool(workspace: &Path, name: &str) -> PathBuf {
    let ours = workspace.join("target/tools/bin").join(name);
    if ours.is_file() { ours } else { Path::new(name).to_owned() }
}

/// Names the step that begins, if standard error is a terminal.
pub fn step(name: &str) {
    if stderr().is_terminal() {
        eprintln!("release: {name}");
    }
}
