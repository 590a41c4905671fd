//! What is missing before a release.

use crate::command::{git, run};
use crate::notes::newest_section;
use crate::settings::{FILE, Settings};
use anyhow::Result;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use walkdir::WalkDir;

/// What is missing before a release of this workspace, a sentence each; empty: nothing.
///
/// # Errors
/// When a file that every checkout has cannot be read.
pub fn missing(workspace: &Path) -> Result<Vec<String>> {
    let settings = Settings::read(workspace)?;
    let (version, repository) = manifest(workspace)?;
    let mut missing = addresses(&settings, repository.as_deref());
    missing.extend(contact(&fs::read_to_string(workspace.join("SECURITY.md"))?));
    missing.extend(changelog(&fs::read_to_string(workspace.join("CHANGELOG.md"))?, &version)?);
    missing.extend(versions(workspace, &version)?);
    missing.extend(toolchain(&settings, &run(Command::new("rustc").arg("--version"))?));
    let changes = git(workspace, &["status", "--porcelain"])?;
    if !changes.is_empty() {
        missing.push(format!("{} files are changed and not committed", changes.lines().count()));
    }
    let tags = git(workspace, &["tag", "--points-at", "HEAD"])?;
    if !tags.lines().any(|tag| tag == format!("v{version}")) {
        missing.push(format!("the commit has no tag v{version}"));
    }
    Ok(missing)
}

/// Version and repository of the workspace's manifest.
pub(crate) fn manifest(workspace: &Path) -> Result<(String, Option<String>)> {
    let manifest: toml::Table = fs::read_to_string(workspace.join("Cargo.toml"))?.parse()?;
    let package = &manifest["workspace"]["package"];
    let text = |key: &str| Some(package.get(key)?.as_str()?.to_owned());
    Ok((text("version").unwrap_or_default(), text("repository")))
}

fn addresses(settings: &Settings, repository: Option<&str>) -> Vec<String> {
    let placeholders = settings.placeholders();
    let mut missing: Vec<String> =
        placeholders.iter().map(|key| format!("{FILE}: {key} is still a placeholder")).collect();
    if repository != Some(&settings.repository) {
        missing.push(format!("Cargo.toml: repository of [workspace.package] is not that of {FILE}"));
    }
    missing
}

/// SECURITY.md says where to report a vulnerability to.
fn contact(security: &str) -> Option<String> {
    let is_placeholder = security.contains("will stand here before the first release");
    is_placeholder.then(|| "SECURITY.md: the address for reports of vulnerabilities is missing".to_owned())
}

/// The newest section of the changelog is of this version, and dated.
fn changelog(changelog: &str, version: &str) -> Result<Option<String>> {
    let heading = newest_section(changelog)?.lines().next().unwrap_or_default();
    let date = heading.strip_prefix(&format!("## {version} (")).and_then(|rest| rest.strip_suffix(')'));
    let is_date = date.is_some_and(|date| {
        let parts: Vec<_> = date.split('-').collect();
        let is_number = |part: &&str| part.bytes().all(|it| it.is_ascii_digit());
        parts.iter().map(|part| part.len()).eq([4, 2, 2]) && parts.iter().all(is_number)
    });
    Ok((!is_date).then(|| format!("CHANGELOG.md: the newest section is not \"## {version} (YYYY-MM-DD)\"")))
}

/// The packages for other languages have the version of the project.
fn versions(workspace: &Path, version: &str) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for entry in WalkDir::new(workspace.join("packages")).max_depth(3).sort_by_file_name() {
        let entry = entry?;
        let theirs = match entry.file_name().to_str() {
            Some("package.json") => npm_version(&fs::read_to_string(entry.path())?)?,
            Some("pyproject.toml") => python_version(&fs::read_to_string(entry.path())?)?,
            _ => continue,
        };
        // A package without a version of its own takes it from its source.
        if theirs.is_some_and(|theirs| theirs != version) {
            let path = entry.path().strip_prefix(workspace)?.display();
            missing.push(format!("{path}: the version is not {version}"));
        }
    }
    Ok(missing)
}

fn npm_version(manifest: &str) -> Result<Option<String>> {
    let manifest: Value = serde_json::from_str(manifest)?;
    Ok(manifest["version"].as_str().map(str::to_owned))
}

fn python_version(manifest: &str) -> Result<Option<String>> {
    let manifest: toml::Table = manifest.parse()?;
    let version = manifest.get("project").and_then(|project| project.get("version"));
    Ok(version.and_then(|version| version.as_str()).map(str::to_owned))
}

/// `rustc` is the one that releases are built with.
fn toolchain(settings: &Settings, version: &str) -> Option<String> {
    let wanted = &settings.toolchain.rustc;
    let is_wanted = version.split(' ').nth(1) == Some(wanted);
    (!is_wanted).then(|| format!("rustc is not {wanted}: it is {}", version.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changelog_is_dated_with_the_version_of_the_project() -> Result<()> {
        for (heading, is_complete) in [
            ("## 0.2.0 (2026-12-01)", true),
            ("## 0.2.0 (unreleased)", false),
            ("## 0.2.0 (2026-12-1)", false),
            ("## 0.2.1 (2026-12-01)", false),
            ("## 0.2.0", false),
        ] {
            let text = format!("# Changelog\n\n{heading}\n\n- One.\n\n## 0.2.0 (2026-01-01)\n");
            assert_eq!(changelog(&text, "0.2.0")?.is_none(), is_complete, "{heading}");
        }
        Ok(())
    }

    #[test]
    fn each_placeholder_and_another_repository_are_named() -> Result<()> {
        let settings = |owner: &str| {
            let text = include_str!("../../../release.toml").replace("OWNER", owner);
            toml::from_str::<Settings>(&text)
        };
        let repository = "https://github.com/someone/azure-identity-wasm";
        assert_eq!(addresses(&settings("someone")?, Some(repository)), Vec::<String>::new());
        assert_eq!(
            addresses(&settings("OWNER")?, None),
            [
                "release.toml: repository is still a placeholder",
                "release.toml: oci.registry is still a placeholder",
                "release.toml: oci.prefix is still a placeholder",
                "release.toml: wit.domain is still a placeholder",
                "Cargo.toml: repository of [workspace.package] is not that of release.toml",
            ]
        );
        Ok(())
    }

    #[test]
    fn a_package_of_another_language_with_another_version_is_named() -> Result<()> {
        let workspace = tempfile::tempdir()?;
        for (file, text) in [
            ("packages/npm/host/package.json", r#"{ "version": "0.2.0" }"#),
            ("packages/npm/guest/package.json", r#"{ "version": "0.1.0" }"#),
            ("packages/python/guest/pyproject.toml", "[project]\nversion = '0.2.1'\n"),
            ("packages/simulator/python/pyproject.toml", "[project]\ndynamic = ['version']\n"),
        ] {
            let path = workspace.path().join(file);
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            fs::write(path, text)?;
        }
        let expected = [
            "packages/npm/guest/package.json: the version is not 0.2.0",
            "packages/python/guest/pyproject.toml: the version is not 0.2.0",
        ];
        assert_eq!(versions(workspace.path(), "0.2.0")?, expected);
        Ok(())
    }

    #[test]
    fn another_compiler_is_named() -> Result<()> {
        let settings: Settings = toml::from_str(include_str!("../../../release.toml"))?;
        assert_eq!(toolchain(&settings, "rustc 1.95.0 (59807616e 2026-04-14)\n"), None);
        assert_eq!(
            toolchain(&settings, "rustc 1.96.0 (0 2026-05-28)\n").as_deref(),
            Some("rustc is not 1.95.0: it is rustc 1.96.0 (0 2026-05-28)")
        );
        Ok(())
    }
}
