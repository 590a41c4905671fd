//! Rewrites the links of the book's chapters that leave `docs/`, and those to its first page.
//!
//! A page of `docs/` links to an example or to `SECURITY.md` by its relative path, which a forge that shows the page
//! follows. The built book is elsewhere. There such a link leads to the repository of `release.toml`, also as long as that
//! file has a placeholder: a path of the machine that built the book would be dead on every other one.

use anyhow::{Context, Result, ensure};
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The checkout, and where its files can be read on the web.
pub struct Project {
    root: PathBuf,
    /// The address of the repository, without a slash at the end.
    repository: String,
}

impl Project {
    /// Reads the repository's address from `release.toml` in the folder `root`.
    ///
    /// # Errors
    /// If there is no such file, or it is malformed.
    pub fn read(root: &Path) -> Result<Self> {
        let file = root.join("release.toml");
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("there is no {}", file.display()))?;
        let repository = repository(&text).with_context(|| format!("{} is malformed", file.display()))?;
        let root = root.canonicalize().with_context(|| format!("there is no {}", root.display()))?;
        Ok(Self { root, repository })
    }

    /// Where the link `target` of the page `page` (relative to `docs/`) leads in the built book; `None`: it stays.
    fn destination(&self, page: &str, target: &str) -> Option<String> {
        if target.contains("://") || target.starts_with(['#', '/']) || target.starts_with("mailto:") {
            return None;
        }
        let (path, fragment) =
            target.split_once('#').map_or((target, ""), |(path, fragment)| (path, fragment));
        let path = resolve(&format!("docs/{page}"), path);
        if path.starts_with("docs/") && !self.root.join(&path).is_dir() {
            // mdBook makes `index.html` of a `README.md`, and leaves the links to it.
            return path.ends_with("/README.md").then(|| target.replacen("README.md", "index.md", 1));
        }
        let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
        let kind = if self.root.join(&path).is_dir() { "tree" } else { "blob" };
        Some(format!("{}/{kind}/HEAD/{path}{fragment}", self.repository))
    }
}

/// The address in `release.toml`.
fn repository(release: &str) -> Result<String> {
    let table: toml::Table = release.parse()?;
    let address = table.get("repository").and_then(toml::Value::as_str).context("it has no repository")?;
    ensure!(address.starts_with("https://"), "its repository is no https address");
    Ok(address.trim_end_matches('/').to_owned())
}

/// The path of `target`, which a page at `page` names, from the checkout's root.
fn resolve(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Rewrites the links of all chapters: `chapters` is the book as mdBook passes it to a preprocessor.
///
/// # Errors
/// If `chapters` has another form.
pub fn rewrite_chapters(chapters: &mut Value, project: &Project) -> Result<()> {
    let items = chapters.get_mut("items").and_then(Value::as_array_mut).context("the book has no items")?;
    items.iter_mut().try_for_each(|item| rewrite_item(item, project))
}

/// Rewrites a chapter and those below it. Separators and titles of parts are no objects, and have no links.
fn rewrite_item(item: &mut Value, project: &Project) -> Result<()> {
    let Some(chapter) = item.get_mut("Chapter") else { return Ok(()) };
    if let Some(page) = chapter["path"].as_str().map(ToOwned::to_owned) {
        let content = chapter["content"].as_str().with_context(|| format!("{page} has no content"))?;
        chapter["content"] = rewrite_page(content, &page, project).into();
    }
    let below = chapter["sub_items"].as_array_mut();
    below.into_iter().flatten().try_for_each(|item| rewrite_item(item, project))
}

/// The text of the page `page` (relative to `docs/`) with its links rewritten.
fn rewrite_page(content: &str, page: &str, project: &Project) -> String {
    let mut rewritten = content.to_owned();
    // From the end, so that the positions before it stay.
    for (range, target) in links(content).into_iter().rev() {
        let Some(destination) = project.destination(page, &target) else { continue };
        let link = &content[range.clone()];
        let old = format!("]({target}");
        if let Some(start) = link.rfind(&old) {
            let start = range.start + start + "](".len();
            rewritten.replace_range(start..start + target.len(), &destination);
        }
    }
    rewritten
}

/// The links and images of a text, by their position, with their targets.
fn links(content: &str) -> Vec<(Range<usize>, String)> {
    let parser = Parser::new_ext(content, Options::ENABLE_TABLES).into_offset_iter();
    let mut links: Vec<_> = parser
        .filter_map(|(event, range)| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some((range, dest_url.into_string()))
            }
            _ => None,
        })
        .collect();
    // A link around an image begins before it, and its target stands behind it.
    links.sort_by_key(|(range, _)| range.end);
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(repository: &str) -> Project {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).canonicalize();
        Project { root: root.expect("the checkout exists"), repository: repository.to_owned() }
    }

    const PAGE: &str = "[a](../../SECURITY.md#rules), [`b`](../../examples), [c](chain.md#x), [d](../overview.svg)\n\n\
                        ```sh\n[no link](../../SECURITY.md)\n```\n\n| [e](../../README.md) | <https://example.com/> |\n";

    #[test]
    fn links_that_leave_the_book_lead_to_the_repository_and_others_stay() {
        let page = rewrite_page(PAGE, "credentials/overview.md", &project("https://forge.test/a/b"));
        let security = "[a](https://forge.test/a/b/blob/HEAD/SECURITY.md#rules)";
        let expected = PAGE
            .replacen("[a](../../SECURITY.md#rules)", security, 1)
            .replacen("../../examples", "https://forge.test/a/b/tree/HEAD/examples", 1)
            .replacen("../../README.md", "https://forge.test/a/b/blob/HEAD/README.md", 1);
        assert_eq!(page, expected);
    }

    #[test]
    fn a_link_to_the_first_page_leads_to_its_name_in_the_built_book() {
        let page = rewrite_page(
            "[a](../README.md#words)",
            "credentials/overview.md",
            &project("https://forge.test"),
        );
        assert_eq!(page, "[a](../index.md#words)");
    }

    #[test]
    fn a_placeholder_is_an_address_as_well_and_a_path_is_none() -> Result<()> {
        let address = |it: &str| repository(&format!("repository = {it:?}"));
        assert_eq!(address("https://forge.test/a/b/")?, "https://forge.test/a/b");
        assert_eq!(address("https://github.com/OWNER/REPOSITORY")?, "https://github.com/OWNER/REPOSITORY");
        assert!(address("").is_err() && address("../a").is_err());
        Ok(())
    }

    #[test]
    fn chapters_below_others_are_rewritten_and_drafts_and_separators_are_left() -> Result<()> {
        let below = serde_json::json!({ "Chapter": { "path": "b.md", "content": "[x](../LICENSE)", "sub_items": [] } });
        let draft = serde_json::json!({ "Chapter": { "path": null, "content": "", "sub_items": [below] } });
        let mut chapters = serde_json::json!({ "items": ["Separator", { "PartTitle": "A" }, draft] });
        rewrite_chapters(&mut chapters, &project("https://forge.test"))?;
        let below = &chapters["items"][2]["Chapter"]["sub_items"][0]["Chapter"];
        assert_eq!(below["content"], "[x](https://forge.test/blob/HEAD/LICENSE)");
        Ok(())
    }
}
