//! The workflows of GitHub, which cannot run here: every command in them exists, and no job has a permission that it does not
//! need.

use crate::{read, root};
use anyhow::{Context, Result, bail, ensure};
use regex::Regex;
use serde_yaml_ng::{Mapping, Value};
use std::fs;
use std::process::Command;

const WORKFLOWS: &[&str] = &[".github/workflows/ci.yml", ".github/workflows/release.yml"];

#[test]
fn every_workflow_is_in_this_test() -> Result<()> {
    let files = fs::read_dir(root().join(".github/workflows"))?;
    let mut files = files
        .map(|file| Ok(format!(".github/workflows/{}", file?.file_name().to_string_lossy())))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    assert_eq!(files, WORKFLOWS);
    Ok(())
}

#[test]
fn every_command_of_a_workflow_exists() -> Result<()> {
    let members = members()?;
    let mut commands = 0;
    for_each_step(|job, step| {
        let Some(run) = step.get("run").and_then(Value::as_str) else { return Ok(()) };
        commands += 1;
        check_command(run, &members).with_context(|| format!("job {job}: {run}"))
    })?;
    assert!(commands > 10, "{commands}");
    Ok(())
}

#[test]
fn the_arguments_of_the_release_tool_are_those_that_it_accepts() -> Result<()> {
    let mut accepted = Vec::new();
    for_each_step(|_, step| {
        let run = step.get("run").and_then(Value::as_str).unwrap_or_default();
        if let Some((_, arguments)) = run.split_once("-p release -- ") {
            let arguments = arguments.split('|').next().unwrap_or_default().split_whitespace();
            let mut words: Vec<_> = std::iter::once("release").chain(arguments).collect();
            words.dedup();
            accepted.push(words.join(" "));
            let command = release::arguments::command();
            command.try_get_matches_from(words).with_context(|| run.to_owned())?;
        }
        Ok(())
    })?;
    assert!(accepted.contains(&"release all --twice".to_owned()), "{accepted:?}");
    assert!(accepted.contains(&"release publish --only wit components".to_owned()), "{accepted:?}");
    let wrong = release::arguments::command().try_get_matches_from(["release", "publish", "--only", "spin"]);
    assert!(wrong.is_err(), "a part that does not exist is refused");
    Ok(())
}

/// The platforms are those that the simulator's packages know, and `build` is the one that is left.
#[test]
fn the_simulator_is_built_on_every_platform() -> Result<()> {
    let workflow = parse(".github/workflows/release.yml")?;
    let platforms = workflow["jobs"]["simulator"]["strategy"]["matrix"]["include"].as_sequence();
    let mut built = vec!["linux-x64: x86_64-unknown-linux-musl".to_owned()];
    for platform in platforms.context("a matrix")? {
        let text = |name: &str| platform[name].as_str().map(str::to_owned).context("a text");
        built.push(format!("{}: {}", text("platform")?, text("target")?));
    }
    let source = read("tools/release/src/simulator.rs")?;
    let known: Vec<_> = source.split('"').skip(1).step_by(2).collect();
    for platform in &built {
        let (platform, target) = platform.split_once(": ").context("both")?;
        assert!(known.contains(&platform) && known.contains(&target), "{platform} {target}");
    }
    assert_eq!(built.len(), 5, "{built:?}");
    Ok(())
}

#[test]
fn every_action_is_named_by_its_commit_and_its_version() -> Result<()> {
    let pinned = Regex::new(r"^\s*- uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$")?;
    for workflow in WORKFLOWS {
        let text = read(workflow)?;
        let uses: Vec<_> = text.lines().filter(|line| line.contains("uses:")).collect();
        assert!(uses.len() > 1, "{uses:?}");
        let unpinned: Vec<_> = uses.into_iter().filter(|line| !pinned.is_match(line)).collect();
        assert_eq!(unpinned, Vec::<&str>::new(), "{workflow}");
    }
    Ok(())
}

#[test]
fn a_workflow_reads_by_default_and_a_job_writes_what_its_part_needs() -> Result<()> {
    let mut granted = Vec::new();
    for name in WORKFLOWS {
        let workflow = parse(name)?;
        let by_default = permissions(workflow.get("permissions"))?;
        assert_eq!(by_default, ["contents: read"], "{name}");
        for (job, definition) in jobs(&workflow)? {
            for permission in permissions(definition.get("permissions"))? {
                if permission != "contents: read" {
                    granted.push(format!("{job}: {permission}"));
                }
            }
        }
    }
    let expected = [
        "build: id-token: write",
        "build: attestations: write",
        "oci: packages: write",
        "oci: id-token: write",
        "crates: id-token: write",
        "npm: id-token: write",
        "python: id-token: write",
        "page: contents: write",
    ];
    assert_eq!(granted, expected);
    Ok(())
}

#[test]
fn no_workflow_gives_the_code_of_a_pull_request_a_secret() -> Result<()> {
    let untrusted = Regex::new(r"run:.*\$\{\{ *github\.(event|head_ref)")?;
    for name in WORKFLOWS {
        let text = read(name)?;
        assert!(!text.contains("pull_request_target") && !text.contains("workflow_run"), "{name}");
        // What a person writes into a pull request would become a part of a command.
        assert!(!untrusted.is_match(&text), "{name}");
    }
    let ci = read(WORKFLOWS[0])?;
    assert!(!ci.contains("secrets."), "the workflow of pull requests has no secret");
    for_each_step(|job, step| {
        let is_checkout =
            step.get("uses").and_then(Value::as_str).is_some_and(|it| it.starts_with("actions/checkout@"));
        let keeps = step.get("with").and_then(|with| with.get("persist-credentials"));
        ensure!(
            !is_checkout || keeps.and_then(Value::as_bool) == Some(false),
            "{job} keeps the token in the checkout"
        );
        Ok(())
    })
}

#[test]
fn the_workflows_use_the_compiler_of_the_release() -> Result<()> {
    let settings = release::settings::Settings::read(&root())?;
    for_each_step(|job, step| {
        let run = step.get("run").and_then(Value::as_str).unwrap_or_default();
        let is_wanted = !run.contains("rustup toolchain") || run.contains(&settings.toolchain.rustc);
        ensure!(is_wanted, "{job} installs another compiler than release.toml names: {run}");
        Ok(())
    })
}

/// Asserts that what a line runs is there: a script of the project, a package of the workspace, or a program that a runner of
/// GitHub has or a step before it installs.
fn check_command(run: &str, members: &[String]) -> Result<()> {
    for line in run.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            ["bash", script, ..] => ensure!(root().join(script).is_file(), "no {script}"),
            [script, ..] if script.starts_with(".ci/") => {
                ensure!(root().join(script).is_file(), "no {script}")
            }
            ["cargo", "run", "--locked", "-p", package, "--", ..] => {
                ensure!(members.iter().any(|it| it == package), "no package {package}");
            }
            ["cargo", "install", ..] => {
                let versions = read(".ci/tools")?;
                let (name, version) = words.last().and_then(|it| it.split_once('@')).context("no version")?;
                ensure!(
                    versions.contains(&format!("program {name} {name} {version}")),
                    ".ci/tools has another version"
                );
            }
            ["pipx", "run", package, ..] => {
                let pinned = read(".ci/python/requirements.txt")?;
                ensure!(
                    pinned.lines().any(|line| line == *package),
                    "another version than {package} is tested"
                );
            }
            ["rustup", "toolchain" | "default" | "target", ..] | ["docker", "login", ..] => {}
            _ => bail!("the test does not know this command"),
        }
    }
    Ok(())
}

/// The names of the workspace's packages.
fn members() -> Result<Vec<String>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--locked", "--no-deps", "--format-version", "1"]).current_dir(root());
    let metadata: serde_json::Value = serde_json::from_slice(&cargo.output()?.stdout)?;
    let packages = metadata["packages"].as_array().context("there are packages")?;
    Ok(packages.iter().filter_map(|it| Some(it["name"].as_str()?.to_owned())).collect())
}

fn for_each_step(mut check: impl FnMut(&str, &Value) -> Result<()>) -> Result<()> {
    for name in WORKFLOWS {
        for (job, definition) in jobs(&parse(name)?)? {
            let steps = definition.get("steps").and_then(Value::as_sequence).context("a job has steps")?;
            steps.iter().try_for_each(|step| check(&job, step))?;
        }
    }
    Ok(())
}

fn jobs(workflow: &Value) -> Result<Vec<(String, Value)>> {
    let jobs: &Mapping = workflow.get("jobs").and_then(Value::as_mapping).context("a workflow has jobs")?;
    jobs.iter().map(|(name, job)| Ok((name.as_str().context("a name")?.to_owned(), job.clone()))).collect()
}

/// Permissions as `contents: read`; none: those of the workflow.
fn permissions(value: Option<&Value>) -> Result<Vec<String>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let permissions =
        value.as_mapping().context("permissions are listed, and none is granted by a word for all")?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a permission is text");
    permissions.iter().map(|(name, level)| Ok(format!("{}: {}", text(name)?, text(level)?))).collect()
}

fn parse(workflow: &str) -> Result<Value> {
    serde_yaml_ng::from_str(&read(workflow)?).with_context(|| workflow.to_owned())
}
