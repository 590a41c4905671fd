//! A folder with the layout of the workspace, in which the commands of an example's README run.

use anyhow::{Context, Result, bail};
use azure_simulator::{Settings, Simulator};
use host_tests::background_program::BackgroundProgram;
use host_tests::external_tools;
use host_tests::guest::PROVIDER;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "files.rs"]
pub mod files;

use files::{copy, digest};

/// An example with its dependencies: `wit/`, the built provider, the packages that `.ci/tools` installed. The folder is
/// below `target/`, and is rebuilt only when an input has changed.
pub struct Project {
    folder: PathBuf,
    example: String,
    /// An environment of Python that is used in place of the one of `.ci/tools`.
    environment: Option<PathBuf>,
    simulator: Simulator,
}

/// The outcome of a command.
pub struct Ran {
    /// Whether it succeeded.
    pub success: bool,
    /// Standard output and standard error.
    pub printed: String,
    /// The requests that the simulator handled meanwhile.
    pub requests: String,
}

impl Project {
    /// The example of that name.
    pub fn of(example: &str) -> Result<Project> {
        Project::named(example, example)
    }

    /// The example in a folder called `name`, for tests that change its files.
    pub fn named(name: &str, example: &str) -> Result<Project> {
        Project::with_environment(name, example, None, "")
    }

    /// The example in a folder called `name`, and an environment of Python with this digest of what is in it.
    pub fn with_environment(
        name: &str,
        example: &str,
        environment: Option<PathBuf>,
        installed: &str,
    ) -> Result<Project> {
        let folder = workspace().join("target/languages").join(name);
        let own = digest(&[
            &workspace().join("wit"),
            &source(example),
            Path::new(PROVIDER),
            &workspace().join(".ci"),
        ])?;
        let inputs = format!("{own} {installed}");
        if fs::read_to_string(folder.join("inputs")).ok().as_ref() != Some(&inputs) {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            copy(&workspace().join("wit"), &folder.join("wit"))?;
            copy(&source(example), &folder.join("examples").join(example))?;
            copy(Path::new(PROVIDER), &folder.join("target/components/azure-identity.wasm"))?;
            for packages in ["node_modules".into(), format!("examples/{example}/node_modules")] {
                symlink(external_tools::node_modules(), folder.join(packages))?;
            }
            fs::write(folder.join("inputs"), inputs)?;
        }
        let simulator = Simulator::start(Settings::default())?;
        Ok(Project { folder, example: example.to_owned(), environment, simulator })
    }

    /// Starts the simulator again, with other settings.
    pub fn restart(&mut self, settings: Settings) -> Result<()> {
        self.simulator = Simulator::start(settings)?;
        Ok(())
    }

    /// Adds a file.
    pub fn put(&self, file: &str, text: &str) -> Result<()> {
        let file = self.folder.join(file);
        fs::create_dir_all(file.parent().context("a file has a folder")?)?;
        Ok(fs::write(file, text)?)
    }

    /// The path of a file.
    #[allow(dead_code, reason = "the tests of languages need none")]
    pub fn file(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Runs all commands of the README except the last, unless they ran with the same inputs before.
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

    /// Runs the last command of the README, followed by `more`.
    pub fn run(&mut self, more: &str) -> Result<Ran> {
        let (_, run) = self.lines()?;
        self.shell(&(run + more))
    }

    /// Starts the last command of the README, a `wasmtime serve`, and returns the address that it listens on.
    #[allow(dead_code, reason = "only the tests of languages serve")]
    pub fn serve(&self) -> Result<(BackgroundProgram, String)> {
        let (_, run) = self.lines()?;
        let line = run
            .replace("wasmtime serve ", "exec wasmtime serve ")
            .replace("--addr 127.0.0.1:8080 ", "--addr 127.0.0.1:0 ");
        let line = line.replace("127.0.0.1:8169", &self.simulator.address().to_string());
        let mut server = BackgroundProgram::start(&mut self.command(&line))?;
        let address = server.wait_for("http://")?;
        Ok((server, address.trim_end_matches('/').to_owned()))
    }

    /// What the simulator printed.
    #[allow(dead_code, reason = "only the tests of languages need it")]
    pub fn requests(&self) -> String {
        self.simulator.log()
    }

    /// Runs shell commands, with the address of the simulator in place of the README's.
    pub fn shell(&mut self, lines: &str) -> Result<Ran> {
        let before = self.simulator.log().len();
        let output =
            self.command(&lines.replace("127.0.0.1:8169", &self.simulator.address().to_string())).output()?;
        let requests = self.simulator.log()[before..].trim().to_owned();
        Ok(Ran { success: output.status.success(), printed: both(&output), requests })
    }

    /// The commands that build, and the command that runs. `.ci/tools` has run those that install.
    fn lines(&self) -> Result<(String, String)> {
        const INSTALLING: &[&str] = &["cargo ", "pip install ", "npm install "];
        let block = readme(&self.example)?;
        let mut lines: Vec<_> =
            block.lines().filter(|line| !INSTALLING.iter().any(|it| line.starts_with(it))).collect();
        let run = lines.pop().context("the README has no command that runs the example")?;
        Ok((lines.join("\n"), run.to_owned()))
    }

    /// A command that inherits the paths of programs only, so that no identity of this machine is used.
    fn command(&self, lines: &str) -> Command {
        let installed = workspace().join("target/tools");
        let environment = self.environment.iter().map(|folder| folder.join("bin"));
        let mut path: Vec<_> =
            environment.chain([installed.join("bin"), installed.join("python/bin")]).collect();
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", lines]).current_dir(&self.folder).env_clear();
        command.env("PATH", env::join_paths(path).unwrap_or_default());
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.envs(self.environment.iter().map(|folder| ("VIRTUAL_ENV", folder)));
        for name in ["HOME", "RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN"] {
            command.envs(env::var_os(name).map(|value| (name, value)));
        }
        command
    }
}

/// The first shell block of an example's README, with continued lines joined.
pub fn readme(example: &str) -> Result<String> {
    let readme = fs::read_to_string(source(example).join("README.md"))?;
    let block = readme.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    let block = block.with_context(|| format!("the README of {example} has no commands"))?;
    Ok(regex::Regex::new(r"\\\n\s*")?.replace_all(block, "").into_owned())
}

/// The folder of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn source(example: &str) -> PathBuf {
    workspace().join("examples").join(example)
}

fn both(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
