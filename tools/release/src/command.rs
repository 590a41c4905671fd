//! Runs the programs that build packages.

use anyhow::{Context, Result, ensure};
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

/// The output of `git` in a workspace, without the line break at its end.
///
/// # Errors
/// When git is missing or fails, as it does outside a repository.
pub fn git(workspace: &Path, arguments: &[&str]) -> Result<String> {
    let output = run(Command::new("git").args(arguments).current_dir(workspace))?;
    Ok(output.trim_end().to_owned())
}

/// The time of the workspace's commit in seconds since 1970: the time of every file in a package, for the programs that
/// read it in the variable `SOURCE_DATE_EPOCH`.
///
/// # Errors
/// As [`git`].
pub fn source_date_epoch(workspace: &Path) -> Result<String> {
    git(workspace, &["log", "-1", "--format=%ct"])
}

/// A command as a line of a shell: the variables that are set for it, the program's name and its arguments.
///
/// ```
/// let mut command = std::process::Command::new("/usr/bin/wkg");
/// command.args(["publish", "a b.wasm"]).env("WKG_CONFIG_FILE", "wkg.toml");
/// assert_eq!(release::command::shown(&command), "WKG_CONFIG_FILE=wkg.toml wkg publish 'a b.wasm'");
/// ```
pub fn shown(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy())))
    });
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    let words = words.map(|word| quoted(&word.to_string_lossy()));
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

/// A word of a shell's line, in quotation marks if it needs them.
fn quoted(word: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:=@%+,~".contains(it);
    match word.chars().all(is_plain) && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
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

/// Names the step that begins, on a terminal. A line of its own, because the programs of a step write to standard error as well.
pub fn step(name: &str) {
    progress::step("release", name);
}
