//! A folder of a user who has node alone: packages come from a registry on loopback, and Azure is the simulator.

use crate::npm_packages;
use crate::project::workspace;
use anyhow::{Context, Result, ensure};
use azure_simulator::{Settings, Simulator};
use host_tests::background_program::BackgroundProgram;
use host_tests::external_tools;
use regex::Regex;
use std::env;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The folder, which is empty at first, and what runs beside it.
pub struct NpmProject {
    folder: TempDir,
    registry: String,
    simulator: Simulator,
    running: Vec<BackgroundProgram>,
}

impl NpmProject {
    /// An empty folder, a registry with the packages of this project and those that `.ci/tools` installed, and a simulator.
    pub fn start() -> Result<Self> {
        let packed = npm_packages::packed()?;
        let tarballs = packed[0].1.parent().context("a tarball is in a folder")?.to_owned();
        let script = workspace().join("host-tests/tests/languages/npm_index.mjs");
        let mut index = Command::new("node");
        index.arg(script).arg(external_tools::node_modules()).arg(tarballs);
        let mut index = BackgroundProgram::start(index.process_group(0))?;
        let registry = format!("http://{}", index.wait_for("http://")?);
        let simulator = Simulator::start(Settings::default())?;
        Ok(Self { folder: TempDir::new()?, registry, simulator, running: vec![index] })
    }

    /// The path of a file.
    pub fn file(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file.
    pub fn write(&self, file: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.file(file), text)?)
    }

    /// Writes the files that a page shows: blocks after a comment `<!-- file: NAME -->`.
    pub fn write_files(&self, page: &str) -> Result<()> {
        let file = Regex::new(r"(?ms)^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$")?;
        file.captures_iter(page).try_for_each(|found| self.write(&found[1], &found[2]))
    }

    /// Copies the files of a folder of the workspace, without those below it.
    pub fn copy(&self, folder: &str) -> Result<()> {
        for entry in fs::read_dir(workspace().join(folder))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), self.folder.path().join(entry.file_name()))?;
            }
        }
        Ok(())
    }

    /// Runs commands, and returns their standard output. The address of the simulator stands in place of its usual one.
    pub fn run(&self, lines: &str) -> Result<String> {
        let output = self.command(lines).stdin(Stdio::null()).output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8(output.stdout)?;
        ensure!(output.status.success(), "{lines}\n{printed}{errors}");
        Ok(printed)
    }

    /// Starts a server, and returns the rest of the line in which it prints `ready`. It ends with the project.
    pub fn serve(&mut self, line: &str, ready: &str) -> Result<String> {
        let mut command = self.command(&format!("exec env {line}"));
        let server = BackgroundProgram::start(command.process_group(0))?;
        self.running.push(server);
        self.running.last_mut().context("it was started")?.wait_for(ready)
    }

    /// The requests that the simulator handled.
    pub fn requests(&self) -> String {
        self.simulator.log()
    }

    /// A command that inherits the paths of programs only, so that neither an identity nor a setting of npm is used.
    fn command(&self, lines: &str) -> Command {
        let mut command = Command::new("bash");
        let lines = lines.replace("127.0.0.1:8169", &self.simulator.address().to_string());
        command.args(["-euo", "pipefail", "-c", &lines]).current_dir(self.folder.path()).env_clear();
        let tools = workspace().join("target/tools/bin");
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(std::iter::once(tools).chain(env::split_paths(&path)));
        // npm keeps its cache below the home folder.
        command.env("PATH", path.unwrap_or_default()).env("HOME", self.folder.path());
        command.env("npm_config_registry", &self.registry);
        for quiet in ["npm_config_audit", "npm_config_fund", "npm_config_update_notifier"] {
            command.env(quiet, "false");
        }
        command
    }
}

impl Drop for NpmProject {
    /// npx starts the server as a child, which a signal to npx alone would leave behind.
    fn drop(&mut self) {
        for server in &self.running {
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", server.id())]).status();
        }
    }
}
