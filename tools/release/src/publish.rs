//! The commands that publish the folder, in order: later packages name earlier ones.

use crate::check::{self, manifest};
use crate::command::{cargo, run, shown, tool};
use crate::settings::Settings;
use crate::{crates, namespace, notes, page, sums, wit};
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use components::{PUBLISHED, push_command};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A part of a release, in the order of publishing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The packages of the interfaces, into the OCI registry.
    Wit,
    /// The components, into the OCI registry.
    Components,
    /// The crates, into the registry of crates.
    Crates,
    /// The packages for JavaScript, into npm.
    Npm,
    /// The packages for Python, into PyPI.
    Python,
    /// All files, on the page of the release.
    Page,
}

/// Publishes parts of a release, or all of it if none is named. With `dry_run` it prints the commands and runs none.
///
/// # Errors
/// When something is missing before a release, a file is not the one of `SHA256SUMS`, or a command fails. What was published
/// before that stays published.
pub fn publish(workspace: &Path, artifacts: &Path, only: &[Part], dry_run: bool) -> Result<()> {
    sums::check(artifacts)?;
    let missing = check::missing(workspace)?;
    ensure!(dry_run || missing.is_empty(), "nothing was published:\n{}", missing.join("\n"));
    let settings = Settings::read(workspace)?;
    for part in Part::value_variants().iter().filter(|part| only.is_empty() || only.contains(part)) {
        for mut command in commands(*part, workspace, &settings, artifacts)? {
            println!("{}", shown(&command).replace(&format!("{}/", workspace.display()), ""));
            if !dry_run {
                run(&mut command)?;
            }
        }
    }
    missing.iter().for_each(|it| eprintln!("missing: {it}"));
    Ok(())
}

/// The commands that publish a part. A command runs in the workspace's folder, or in the one that is set for it.
///
/// # Errors
/// When a file of the part is missing.
pub fn commands(part: Part, workspace: &Path, settings: &Settings, artifacts: &Path) -> Result<Vec<Command>> {
    let mut commands = match part {
        Part::Wit => wit_packages(workspace, artifacts)?,
        Part::Components => PUBLISHED
            .iter()
            .map(|it| {
                let folder = artifacts.join("components");
                Ok(push_command(&tool(workspace, "wkg"), &registry(settings), &folder, it)?.1)
            })
            .collect::<Result<_>>()?,
        Part::Crates => {
            crates_of_workspaces(workspace)?.into_iter().chain(provider_crate(workspace, artifacts)).collect()
        }
        Part::Npm => each(artifacts, "npm", &["npm", "publish", "--provenance", "--access", "public"])?,
        Part::Python => {
            each(artifacts, "python", &["python3", "-m", "twine", "upload", "--non-interactive"])?
        }
        Part::Page => vec![release_page(workspace, artifacts)?],
    };
    for command in commands.iter_mut().filter(|command| command.get_current_dir().is_none()) {
        command.current_dir(workspace);
    }
    Ok(commands)
}

/// The references in the OCI registry of everything that [`Part::Wit`] and [`Part::Components`] publish.
///
/// # Errors
/// When the folder of the WIT packages cannot be read.
pub fn references(settings: &Settings, artifacts: &Path) -> Result<Vec<String>> {
    let registry = registry(settings);
    let packages = wit::packed(&artifacts.join("wit"))?;
    let interfaces = packages.iter().map(|it| (it.package.as_str(), it.version.as_str()));
    let components = PUBLISHED.iter().map(|it| (it.package, it.version));
    let reference =
        |(package, version): (&str, &str)| format!("{registry}/{}:{version}", package.replace(':', "/"));
    Ok(interfaces.chain(components).map(reference).collect())
}

fn registry(settings: &Settings) -> String {
    format!("{}/{}", settings.oci.registry, settings.oci.prefix).trim_end_matches('/').to_owned()
}

fn wit_packages(workspace: &Path, artifacts: &Path) -> Result<Vec<Command>> {
    let packages = wit::packed(&artifacts.join("wit"))?;
    let commands = packages.into_iter().map(|package| {
        let mut command = Command::new(tool(workspace, "wkg"));
        command.env("WKG_CONFIG_FILE", artifacts.join(namespace::CONFIGURATION));
        command.arg("publish").arg(package.file);
        command
    });
    Ok(commands.collect())
}

/// Cargo packs the crates again, which gives the same bytes as in the folder, and waits until a crate is there that the next
/// one depends on.
fn crates_of_workspaces(workspace: &Path) -> Result<Vec<Command>> {
    let commands = crates::WORKSPACES.iter().map(|folder| {
        let folder = workspace.join(folder);
        let mut command = cargo();
        command.args(["publish", "--locked", "--no-verify"]);
        for it in crates::published(&folder)? {
            command.args(["--package", &it.name]);
        }
        command.current_dir(folder);
        Ok(command)
    });
    commands.collect()
}

/// The crate with the provider's bytes is published from its package, unpacked: the repository does not have the bytes.
fn provider_crate(workspace: &Path, artifacts: &Path) -> [Command; 2] {
    let package = concat!("azure-identity-provider-", env!("CARGO_PKG_VERSION"));
    let mut unpack = Command::new("tar");
    unpack.arg("-xzf").arg(artifacts.join("crates").join(format!("{package}.crate")));
    unpack.arg("-C").arg(workspace.join("target"));
    let mut publish = cargo();
    publish.args(["publish", "--locked", "--no-verify", "--allow-dirty"]);
    publish.current_dir(workspace.join("target").join(package));
    [unpack, publish]
}

/// One command for each file in a folder of the release; none if there is no such folder.
fn each(artifacts: &Path, folder: &str, words: &[&str]) -> Result<Vec<Command>> {
    let (program, arguments) = words.split_first().context("a command has a program")?;
    let mut files: Vec<PathBuf> = match fs::read_dir(artifacts.join(folder)) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?,
        Err(_) => Vec::new(),
    };
    files.sort();
    let commands = files.into_iter().map(|file| {
        let mut command = Command::new(program);
        command.args(arguments).arg(file);
        command
    });
    Ok(commands.collect())
}

fn release_page(workspace: &Path, artifacts: &Path) -> Result<Command> {
    let (version, _) = manifest(workspace)?;
    let mut command = Command::new("gh");
    command.args(["release", "create", &format!("v{version}"), "--verify-tag", "--title", &version]);
    command.arg("--notes-file").arg(artifacts.join(notes::FILE));
    command.args(page::lay_out(artifacts, &workspace.join(page::FOLDER))?);
    Ok(command)
}
