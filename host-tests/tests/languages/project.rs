//! A folder that looks like the workspace to somebody who follows an example's README.

use anyhow::{Context, Result, bail};
use azure_simulator::{Settings, Simulator};
use host_tests::foreign;
use host_tests::guest::PROVIDER;
use sha2::{Digest, Sha256};
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An example with what it needs: `wit/`, the built provider, the packages that `.ci/tools` installed. It is
/// kept under `target/`, and built again only when something in it has changed.
pub struct Project {
    folder: PathBuf,
    example: String,
    simulator: Simulator,
}

/// What came of a command.
pub struct Ran {
    /// Whether it succeeded.
    pub success: bool,
    /// Both outputs.
    pub printed: String,
    /// The requests that the simulator has answered meanwhile.
    pub requests: String,
}

impl Project {
    /// The example of that name.
    pub fn of(example: &str) -> Result<Project> {
        Project::named(example, example)
    }

    /// The example in a folder called `name`, for a test of its own.
    pub fn named(name: &str, example: &str) -> Result<Project> {
        let folder = workspace().join("target/languages").join(name);
        let inputs = digest(&[&workspace().join("wit"), &source(example), Path::new(PROVIDER), &packages()])?;
        if fs::read_to_string(folder.join("inputs")).ok().as_ref() != Some(&inputs) {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            copy(&workspace().join("wit"), &folder.join("wit"))?;
            copy(&source(example), &folder.join("examples").join(example))?;
            copy(Path::new(PROVIDER), &folder.join("target/components/azure-identity.wasm"))?;
            for packages in ["node_modules".into(), format!("examples/{example}/node_modules")] {
                symlink(foreign::node_modules(), folder.join(packages))?;
            }
            fs::write(folder.join("inputs"), inputs)?;
        }
        let simulator = Simulator::start(Settings::default())?;
        Ok(Project { folder, example: example.to_owned(), simulator })
    }

    /// Adds a file.
    pub fn put(&self, file: &str, text: &str) -> Result<()> {
        let file = self.folder.join(file);
        fs::create_dir_all(file.parent().context("a file has a folder")?)?;
        Ok(fs::write(file, text)?)
    }

    /// Runs the README's lines but the last, unless that was done with the same inputs before.
    pub fn build(&self) -> Result<()> {
        let stamp = self.folder.join("built");
        if stamp.exists() {
            return Ok(());
        }
        let (build, _) = self.lines()?;
        let output = self.command(&build).output()?;
        if !output.status.success() {
            bail!("{build}\n{}", both(&output));
        }
        Ok(fs::write(stamp, "")?)
    }

    /// Runs the README's last line, followed by `more`.
    pub fn run(&self, more: &str) -> Result<Ran> {
        let (_, run) = self.lines()?;
        self.shell(&(run + more))
    }

    /// Runs lines of shell, with the simulator's address instead of the one in them.
    pub fn shell(&self, lines: &str) -> Result<Ran> {
        let before = self.simulator.log().len();
        let output =
            self.command(&lines.replace("127.0.0.1:8169", &self.simulator.address().to_string())).output()?;
        let requests = self.simulator.log()[before..].trim().to_owned();
        Ok(Ran { success: output.status.success(), printed: both(&output), requests })
    }

    /// The README's lines: what builds, and what runs. What prepares, `.ci/tools` and this have done.
    fn lines(&self) -> Result<(String, String)> {
        const PREPARING: &[&str] = &["cargo ", "pip install ", "npm install "];
        let block = readme(&self.example)?;
        let mut lines: Vec<_> =
            block.lines().filter(|line| !PREPARING.iter().any(|it| line.starts_with(it))).collect();
        let run = lines.pop().context("the README has no line that runs the example")?;
        Ok((lines.join("\n"), run.to_owned()))
    }

    /// Nothing is inherited but where programs are, so that no identity of this machine comes in.
    fn command(&self, lines: &str) -> Command {
        let installed = workspace().join("target/tools");
        let mut path = vec![installed.join("bin"), installed.join("python/bin")];
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", lines]).current_dir(&self.folder).env_clear();
        command.env("PATH", env::join_paths(path).unwrap_or_default());
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        for name in ["HOME", "RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN"] {
            command.envs(env::var_os(name).map(|value| (name, value)));
        }
        command
    }
}

/// The first block of shell in an example's README, its continued lines joined.
pub fn readme(example: &str) -> Result<String> {
    let readme = fs::read_to_string(source(example).join("README.md"))?;
    let block = readme.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    let block = block.with_context(|| format!("the README of {example} has no lines to run"))?;
    Ok(regex::Regex::new(r"\\\n\s*")?.replace_all(block, "").into_owned())
}

/// The project's folder.
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn source(example: &str) -> PathBuf {
    workspace().join("examples").join(example)
}

/// The pinned tools: another version builds something else.
fn packages() -> PathBuf {
    workspace().join(".ci")
}

fn both(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What is in these files and folders.
fn digest(paths: &[&Path]) -> Result<String> {
    let mut hash = Sha256::new();
    for path in paths {
        for file in files(path)? {
            hash.update(file.display().to_string());
            hash.update(fs::read(file)?);
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let to = to.join(file.strip_prefix(from)?);
        // A file's path within itself is empty, and joining it leaves a slash.
        let to = if from.is_file() {
            to.parent().unwrap_or(&to).join(to.file_name().unwrap_or_default())
        } else {
            to
        };
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        fs::copy(&file, to)?;
    }
    Ok(())
}

/// The files in a folder, in order; what a reader's own builds left there is passed over.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries: Vec<_> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    entries.sort();
    entries.retain(|it| !["node_modules", "__pycache__", "provider"].iter().any(|left| it.ends_with(left)));
    let mut all = Vec::new();
    for entry in entries {
        all.extend(files(&entry)?);
    }
    Ok(all)
}
