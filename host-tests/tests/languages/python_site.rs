//! An environment of Python with this project's packages, installed from their wheels.

use crate::project::files::{copy, digest};
use crate::project::{Project, workspace};
use anyhow::{Context, Result, ensure};
use host_tests::edition::Edition;
use host_tests::external_tools;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// The environment. It is below `target/`, and is rebuilt only when an input has changed.
pub struct PythonSite {
    folder: PathBuf,
    /// The digest of all that is in it.
    inputs: String,
}

impl PythonSite {
    /// An example in a folder called `name`, with the environment.
    pub fn project(name: &str, example: &str) -> Result<Project> {
        let site = PythonSite::installed()?;
        Project::with_environment(name, example, Some(site.folder), &site.inputs)
    }

    /// The environment, with the packages installed.
    fn installed() -> Result<PythonSite> {
        // Tests run in threads of one process.
        static INSTALLING: Mutex<()> = Mutex::new(());
        let _guard = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let folder = workspace().join("target/languages/python-site");
        let inputs = inputs()?;
        let stamp = folder.join("inputs");
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&inputs) {
            let _ = fs::remove_dir_all(&folder);
            install(&folder)?;
            fs::write(stamp, &inputs)?;
        }
        Ok(PythonSite { folder, inputs })
    }
}

/// Builds this project's wheels into `to`, from the components of the tests.
pub fn wheels(to: &Path) -> Result<()> {
    let components = tempfile::tempdir()?;
    for (edition, name) in [(Edition::Wasi02, "azure-identity"), (Edition::Wasi03, "azure-identity-0.3")] {
        copy(Path::new(edition.component()), &components.path().join(format!("{name}.wasm")))?;
    }
    release::wheels::pack(workspace(), components.path(), to)?;
    Ok(())
}

/// The wheels of other projects, which `.ci/tools` downloaded.
pub fn downloaded_wheels() -> PathBuf {
    workspace().join("target/tools/wheels")
}

fn install(folder: &Path) -> Result<()> {
    let python = external_tools::python()?.context("the test has checked that Python is there")?;
    let wheels_folder = tempfile::tempdir()?;
    wheels(wheels_folder.path())?;
    ran(Command::new(python).args(["-m", "venv"]).arg(folder))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check"]);
    for links in [wheels_folder.path(), &downloaded_wheels()] {
        pip.arg("--find-links").arg(links);
    }
    ran(pip.args(["azure-identity-guest[compose]", "azure-identity-host", "componentize-py", "spin-sdk"]))
}

fn ran(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn inputs() -> Result<String> {
    let workspace = workspace();
    let staged = "tools/release/src/wheels/staged.rs";
    let folders = ["packages/python", "wit", ".ci", staged].map(|it| workspace.join(it));
    let components = Edition::WHOLE.map(|edition| PathBuf::from(edition.component()));
    let all: Vec<_> = folders.iter().chain(&components).map(PathBuf::as_path).collect();
    digest(&all)
}
