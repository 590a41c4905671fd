//! The files of the project, and the paths that its documents name.

use crate::root;
use anyhow::Result;
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_path_that_a_document_names_exists() -> Result<()> {
    let files = tracked_files()?;
    let paths: BTreeSet<_> = files.iter().flat_map(|file| with_folders(file)).collect();
    let mut missing = Vec::new();
    for document in files.iter().filter(|file| file.ends_with(".md")) {
        let text = fs::read_to_string(root().join(document))?;
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        let named = named_paths(&text)?.into_iter().filter(|path| !is_named(&paths, folder, path));
        missing.extend(named.map(|path| format!("{document}: {path}")));
    }
    assert_eq!(missing, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_path_in_backticks_or_in_a_link_is_recognised() -> Result<()> {
    let text = "`src/lib.rs`, `wit/0.2/`, `lib.rs`, [a](docs/hosts.md#node), [b](../src)\n\
                `https://example.com/a.md`, `~/.azure/`, `/etc/a.md`, `target/a.md`, `a b.rs`, `…/a.rs`, `<kind>/a.toml`\n\
                ```sh\nwac plug gone.rs\n```\n";
    let expected = ["../src", "docs/hosts.md", "lib.rs", "src/lib.rs", "wit/0.2/"];
    assert_eq!(named_paths(text)?, BTreeSet::from(expected.map(str::to_owned)));
    Ok(())
}

/// The project's files, relative to its root: all but what builds and installations leave.
pub fn tracked_files() -> Result<Vec<String>> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, name: &str, files: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file_name = entry.file_name().to_string_lossy().into_owned();
        let name = if name.is_empty() { file_name.clone() } else { format!("{name}/{file_name}") };
        // What `.gitignore` names.
        if ["target", ".git", "node_modules", "__pycache__", "wkg.lock"].contains(&file_name.as_str())
            || (name.starts_with("examples/")
                && ["app.wasm", "composed.wasm", "package-lock.json"].contains(&file_name.as_str()))
        {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &name, files)?;
        } else {
            files.push(name);
        }
    }
    Ok(())
}

/// A file's path and those of the folders that it is in.
fn with_folders(file: &str) -> impl Iterator<Item = &str> {
    let folders = file.match_indices('/').map(|(end, _)| &file[..end]);
    folders.chain([file])
}

/// The paths that a document names: targets of links, and words in backticks that end like a file's or a folder's name.
/// Absolute paths, placeholders and `target/`, which builds fill, are not the project's.
fn named_paths(text: &str) -> Result<BTreeSet<String>> {
    let text = Regex::new(r"(?ms)^\s*```.*?^\s*```")?.replace_all(text, "").into_owned();
    let link = Regex::new(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")?;
    let word =
        Regex::new(r"`([\w.@+-]+(?:/[\w.@+-]+)*(?:/|\.(?:rs|toml|md|wit|txt|jsonl|svg|py|js|yaml|sh)))`")?;
    let links = link.captures_iter(&text).map(|found| found[1].to_owned());
    let words = word.captures_iter(&text).map(|found| found[1].to_owned());
    let is_ours = |path: &String| !path.contains("://") && !path.starts_with("target/");
    Ok(links.chain(words).filter(is_ours).collect())
}

/// Whether a path is one of the project's, from its root or from the document's folder. A document may leave out the first
/// folders of a path, as in `retry.rs`.
fn is_named(paths: &BTreeSet<&str>, folder: &str, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let from_folder = format!("{folder}/{path}");
    let mut parts: Vec<&str> = Vec::new();
    for part in from_folder.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    let ending = format!("/{path}");
    paths.contains(parts.join("/").as_str()) || paths.iter().any(|it| *it == path || it.ends_with(&ending))
}
