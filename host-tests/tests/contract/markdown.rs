//! The parts of documents that tests read: tables, blocks, and the marks before them.

use crate::{files, root};
use anyhow::{Context, Result};
use std::fs;

/// The README and the pages of the book, by their paths from the project's root, with their texts.
pub fn pages() -> Result<Vec<(String, String)>> {
    let mut pages = vec![("README.md".to_owned(), fs::read_to_string(root().join("README.md"))?)];
    for file in files(&root().join("docs"), "md")? {
        let path = file.strip_prefix(root())?.to_str().context("a path in UTF-8")?.to_owned();
        pages.push((path, fs::read_to_string(file)?));
    }
    Ok(pages)
}

/// The rows of all tables that follow `<!-- tested: name -->`, without their headers.
pub fn rows(text: &str, name: &str) -> Vec<Vec<String>> {
    let mark = format!("<!-- tested: {name} -->\n");
    let tables = text.split(&mark).skip(1);
    let rows = tables.flat_map(|table| table.lines().take_while(|line| line.starts_with('|')).skip(2));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// As [`rows`], of a table that exists.
///
/// # Errors
/// If there is no such table, or it is empty.
pub fn table(text: &str, name: &str) -> Result<Vec<Vec<String>>> {
    Some(rows(text, name)).filter(|rows| !rows.is_empty()).with_context(|| format!("no table {name}"))
}

/// The texts in backticks.
pub fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// A fenced block.
pub struct Block {
    /// What follows the fence, e.g. `sh`.
    pub language: String,
    /// Its content.
    pub code: String,
    /// The comment on the line before it, e.g. `tested: examples/login/src/main.rs`; empty: there is none.
    pub mark: String,
}

/// The fenced blocks of a text.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let (mut lines, mut before) = (text.lines(), "");
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let code: Vec<_> =
                lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
            let mark = before.trim().strip_prefix("<!-- ").and_then(|mark| mark.strip_suffix(" -->"));
            found.push(Block {
                language: language.to_owned(),
                code: code.join("\n"),
                mark: mark.unwrap_or_default().to_owned(),
            });
        }
        before = line;
    }
    found
}

/// The lines without their indentation, and without blank ones.
pub fn without_indentation(code: &str) -> String {
    code.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_block_has_the_mark_on_the_line_before_it() {
    let text = "<!-- not run: why -->\n```sh\na \\\n  b\n```\n\n```rust\nc\n```\n";
    let found: Vec<_> = blocks(text).into_iter().map(|it| (it.language, it.code, it.mark)).collect();
    let expected = [("sh", "a \\\n  b", "not run: why"), ("rust", "c", "")];
    assert_eq!(found, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
}
