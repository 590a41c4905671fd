//! Builds a release again from a copy of the project in another folder.

use crate::command::{git, run, step};
use crate::{bills, crates, sums, wit, wit_archive};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Builds everything again from a copy of the project, and compares it with the folder `built`.
///
/// # Errors
/// When the copy does not build, or a file differs.
pub fn compare(workspace: &Path, built: &Path) -> Result<()> {
    step("the same from a copy of the project");
    let copy = ProjectCopy::new(workspace)?;
    let again = copy.folder.path().join("again");
    let mut program = Command::new(std::env::current_exe()?);
    program.args(["all", "--to"]).arg(&again);
    run(copy.environment(&mut program))?;
    let differences = differences(built, &again)?;
    ensure!(differences.is_empty(), "built twice, these files differ:\n{}", differences.join("\n"));
    Ok(())
}

/// The files that two folders do not have in common, or that have other bytes, each with the first byte that differs.
///
/// # Errors
/// When a file cannot be read.
pub fn differences(one: &Path, other: &Path) -> Result<Vec<String>> {
    let mut names = [sums::files(one)?, sums::files(other)?].concat();
    names.sort();
    names.dedup();
    let differences = names.into_iter().filter_map(|name| {
        let (first, second) = (fs::read(one.join(&name)), fs::read(other.join(&name)));
        let (Ok(first), Ok(second)) = (first, second) else {
            return Some(format!("{name}: built once only"));
        };
        let common = first.iter().zip(&second).take_while(|(one, other)| one == other).count();
        (first != second)
            .then(|| format!("{name}: from byte {common} of {} and {}", first.len(), second.len()))
    });
    Ok(differences.collect())
}

/// A copy of the project in a folder of its own, with its own target folder and another folder of cargo, so that no path of
/// either is the same.
#[derive(Debug)]
pub struct ProjectCopy {
    folder: TempDir,
}

impl ProjectCopy {
    /// Copies the commit and the changes that are not committed, without what git ignores. The installed tools are linked.
    ///
    /// # Errors
    /// When the workspace is not a repository of git.
    pub fn new(workspace: &Path) -> Result<ProjectCopy> {
        let folder = tempfile::tempdir()?;
        let project = folder.path().join("project");
        let (from, to) = (path(workspace)?, path(&project)?);
        git(workspace, &["clone", "--quiet", "--no-checkout", "--shared", &from, &to])?;
        let commit = git(workspace, &["rev-parse", "HEAD"])?;
        git(&project, &["-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", &commit])?;
        overlay(workspace, &project)?;
        fs::create_dir_all(project.join("target"))?;
        for shared in ["tools", "sbom"] {
            let ours = workspace.join("target").join(shared);
            fs::create_dir_all(&ours)?;
            symlink(ours, project.join("target").join(shared))?;
        }
        link_cargo_home(&folder.path().join("cargo"))?;
        Ok(ProjectCopy { folder })
    }

    /// The folder of the copy.
    pub fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Builds these components, and everything that needs no compiler, into a folder that has the parts of a release.
    ///
    /// # Errors
    /// When a part does not build.
    pub fn build_some(&self, components: &[&str], to: &Path) -> Result<()> {
        let project = self.project();
        let mut command = Command::new("cargo");
        bills::build_with(
            self.environment(&mut command),
            &to.join("components"),
            &to.join("sbom"),
            components,
        )?;
        wit::pack(&project, &to.join("wit"))?;
        wit_archive::pack(&project, &to.join("wit"))?;
        crates::pack(&project, &to.join("crates")).map(drop)
    }

    /// Makes a command use the copy.
    pub fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.current_dir(self.project()).env(components::WORKSPACE, self.project());
        command.env("CARGO_HOME", self.folder.path().join("cargo"))
    }
}

/// Applies the changes that are not committed.
fn overlay(workspace: &Path, project: &Path) -> Result<()> {
    for name in git(workspace, &["ls-files", "--deleted"])?.lines() {
        fs::remove_file(project.join(name)).with_context(|| name.to_owned())?;
    }
    let changed = git(workspace, &["ls-files", "--modified", "--others", "--exclude-standard"])?;
    for name in changed.lines().filter(|name| workspace.join(name).is_file()) {
        let copy = project.join(name);
        fs::create_dir_all(copy.parent().context("a file is in a folder")?)?;
        fs::copy(workspace.join(name), copy).with_context(|| name.to_owned())?;
    }
    Ok(())
}

/// Another folder for cargo, whose entries are links: the same downloaded crates by other paths.
fn link_cargo_home(to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    for entry in fs::read_dir(home.context("cargo has no folder: neither CARGO_HOME nor HOME is set")?)? {
        let entry = entry?;
        symlink(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn path(path: &Path) -> Result<String> {
    Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
}
