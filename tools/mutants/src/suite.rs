//! A suite of tests: how it is built and run.

use crate::report::Report;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A suite of tests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// The arguments of `cargo test` that select the test programs.
    pub build: Vec<String>,
    /// The arguments of each test program.
    #[serde(default)]
    pub run: Vec<String>,
    /// The components that the tests take from the mutated source, and the variable in which each test program gets the
    /// path of each. The test programs themselves are then built from the source without mutants, once.
    #[serde(default)]
    pub components: BTreeMap<String, String>,
    /// What stands before the name of a test in the table, instead of the path of its module.
    pub prefix: Option<String>,
    /// A test whose threads have names, and what stands before these in the table.
    pub threads: Option<Threads>,
    /// In seconds. A test program that is not done by then is ended.
    pub timeout: u64,
}

/// A test whose threads have names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threads {
    /// The test's name.
    pub of: String,
    /// What stands before the name of a thread.
    pub prefix: String,
}

/// A compiled test program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its file.
    pub file: PathBuf,
    /// The folder of its package, in which cargo runs it.
    pub folder: PathBuf,
}

/// How a test program ended, and its output.
#[derive(Debug)]
pub struct Ended {
    /// Whether it succeeded; `None`: it did not end in time.
    pub success: Option<bool>,
    /// What it printed.
    pub report: Report,
}

impl Suite {
    /// Whether its tests run components in wasmtime.
    pub fn is_composed(&self) -> bool {
        !self.components.is_empty()
    }

    /// The name of a test in the table: without the path of its module, so that a test that runs for each edition has one name.
    pub fn displayed(&self, test: &str) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}/{test}"),
            None => test.rsplit("::").next().unwrap_or(test).to_owned(),
        }
    }

    /// Builds the test programs from the source in `root`. `None`: it does not compile; `log` says why.
    ///
    /// # Errors
    /// When cargo does not start, or builds no test program.
    pub fn build(&self, root: &Path, log: &Path) -> Result<Option<Vec<Program>>> {
        let mut cargo = cargo(root);
        cargo
            .args(["test", "--locked", "--no-run", "--message-format=json-render-diagnostics"])
            .args(&self.build);
        let output = cargo.stderr(File::create(log)?).output().context("cargo did not start")?;
        if !output.status.success() {
            return Ok(None);
        }
        let programs: Vec<_> = String::from_utf8_lossy(&output.stdout).lines().filter_map(program).collect();
        if programs.is_empty() {
            bail!("cargo test {} builds no test program", self.build.join(" "));
        }
        Ok(Some(programs))
    }

    /// Builds the components from the source in `root`. Returns the variables with their paths; `None`: one does not
    /// compile, and `log` says why.
    ///
    /// # Errors
    /// When cargo does not start.
    pub fn build_components(&self, root: &Path, log: &Path) -> Result<Option<Vec<(&str, PathBuf)>>> {
        let mut built = Vec::new();
        for (component, variable) in &self.components {
            let mut cargo = cargo(root);
            cargo.args(["run", "--quiet", "--locked", "--package", "components", "--", "--only", component]);
            let status = cargo.stdout(Stdio::null()).stderr(File::create(log)?).status();
            if !status.context("cargo did not start")?.success() {
                return Ok(None);
            }
            built.push((variable.as_str(), root.join("target/components").join(format!("{component}.wasm"))));
        }
        Ok(Some(built))
    }

    /// Runs the tests of a program whose names have `filter` in them, and leaves the output in `log`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn run(
        &self,
        program: &Program,
        filter: Option<&str>,
        variables: &[(&str, PathBuf)],
        log: &Path,
    ) -> Result<Ended> {
        let mut command = Command::new(&program.file);
        command
            .args(filter)
            .args(&self.run)
            .current_dir(&program.folder)
            .env("CARGO_MANIFEST_DIR", &program.folder);
        command.env("RUST_BACKTRACE", "0").envs(variables.iter().map(|(name, path)| (name, path)));
        command
            .stdin(Stdio::null())
            .stdout(File::create(log)?)
            .stderr(File::options().append(true).open(log)?);
        let mut child =
            command.spawn().with_context(|| format!("{} did not start", program.file.display()))?;
        let deadline = Instant::now() + Duration::from_secs(self.timeout);
        let success = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status.success());
            }
            if Instant::now() > deadline {
                child.kill()?;
                child.wait()?;
                break None;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        let output = fs::read(log)?;
        Ok(Ended { success, report: Report::parse(&String::from_utf8_lossy(&output)) })
    }
}

fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    // What `cargo run` sets for this program would make build scripts run again, and the copy has a target folder of its own.
    let is_of_this_program =
        |name: &String| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in names.filter(is_of_this_program).chain(["CARGO_TARGET_DIR".to_owned()]) {
        cargo.env_remove(name);
    }
    cargo
}

/// The test program in a message of cargo, which also lists the programs that tests run.
fn program(message: &str) -> Option<Program> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    message.get("profile")?.get("test")?.as_bool().filter(|is_test| *is_test)?;
    let file = PathBuf::from(message.get("executable")?.as_str()?);
    let manifest = Path::new(message.get("manifest_path")?.as_str()?);
    Some(Program { file, folder: manifest.parent()?.to_owned() })
}
