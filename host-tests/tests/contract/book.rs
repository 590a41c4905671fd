//! The book builds, lists every page, and has no broken link; nor has any other document of the project.

use crate::{files, root};
use anyhow::{Result, ensure};
use host_tests::external_tools;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn the_book_builds_without_a_warning_and_no_link_in_it_is_broken() -> Result<()> {
    let (Some(mdbook), Some(lychee)) = (external_tools::mdbook()?, external_tools::lychee()?) else {
        return Ok(());
    };
    let built = tempfile::tempdir()?;
    let output = Command::new(mdbook)
        .args(["build", "--dest-dir"])
        .arg(built.path())
        .env_remove("MDBOOK_LOG")
        .current_dir(root())
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success() && !log.contains("WARN"), "{log}");
    ensure!(built.path().join("index.html").is_file(), "the book has no first page:\n{log}");
    for page in files(built.path(), "html")? {
        let path = page.display();
        ensure!(!fs::read_to_string(&page)?.contains("=\"file:"), "{path} links to a file of this machine");
    }
    check_links(&lychee, &[built.path().to_owned()])
}

#[test]
fn no_link_between_the_projects_documents_is_broken() -> Result<()> {
    let Some(lychee) = external_tools::lychee()? else { return Ok(()) };
    check_links(&lychee, &documents(&root())?)
}

/// A registry shows the README of a package, and none of the files beside it.
#[test]
fn the_readmes_of_packages_link_to_no_file_of_the_project() -> Result<()> {
    let mut readmes = documents(&root().join("packages"))?;
    for manifest in ["crates", "hosts", "adapters"].iter().flat_map(|folder| manifests(&root().join(folder)))
    {
        if !fs::read_to_string(&manifest)?.contains("\npublish") {
            readmes.push(manifest.with_file_name("README.md"));
        }
    }
    assert!(readmes.len() >= 14, "{readmes:?}");
    let mut relative = Vec::new();
    for readme in readmes {
        let text = fs::read_to_string(&readme)?;
        let targets = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        let local = targets.filter(|to| !to.starts_with("https://") && !to.starts_with('#'));
        relative.extend(local.map(|to| format!("{}: {to}", readme.display())));
    }
    assert_eq!(relative, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_broken_link_and_a_missing_section_are_found() -> Result<()> {
    let Some(lychee) = external_tools::lychee()? else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let (page, other) = (folder.path().join("page.md"), folder.path().join("other.md"));
    fs::write(&other, "# A title\n")?;
    fs::write(&page, "[a](other.md#a-title)\n")?;
    check_links(&lychee, std::slice::from_ref(&page))?;
    for broken in ["[a](gone.md)\n", "[a](other.md#another-title)\n"] {
        fs::write(&page, broken)?;
        assert!(check_links(&lychee, std::slice::from_ref(&page)).is_err(), "{broken}");
    }
    Ok(())
}

#[test]
fn the_summary_lists_every_page_once() -> Result<()> {
    let docs = root().join("docs").canonicalize()?;
    let summary = fs::read_to_string(docs.join("SUMMARY.md"))?;
    let mut listed: Vec<_> = summary
        .lines()
        .filter_map(|line| Some(line.split_once("](")?.1.split_once(')')?.0.to_owned()))
        .filter(|target| !target.is_empty())
        .collect();
    let count = listed.len();
    let pages = documents(&docs)?.into_iter().filter_map(|page| {
        let page = page.strip_prefix(&docs).ok()?.to_str()?.to_owned();
        (page != "SUMMARY.md").then_some(page)
    });
    listed.sort();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), pages.collect());
    listed.dedup();
    assert_eq!(listed.len(), count, "a page is listed twice");
    Ok(())
}

/// The manifests of the crates in a folder.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().join("Cargo.toml")).filter(|file| file.is_file()).collect()
}

/// Fails with lychee's report if a link to a file, or to a section of one, is broken. Nothing is fetched.
fn check_links(lychee: &Path, inputs: &[PathBuf]) -> Result<()> {
    let output = Command::new(lychee)
        .args(["--offline", "--no-progress", "--include-fragments"])
        .args(inputs)
        .current_dir(root())
        .output()?;
    ensure!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// The Markdown files of the project in this folder: not those that builds and installations leave.
pub fn documents(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !["target", ".git", "node_modules"].contains(&name.as_str()) {
            found.extend(documents(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    Ok(found)
}
