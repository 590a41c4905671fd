//! Every block of commands or code in the README and the book is run by a test, or says why not.

use crate::book::documents;
use crate::markdown::{blocks, pages, without_indentation};
use crate::{files, read, root};
use anyhow::Result;
use std::fs;

#[test]
fn every_block_of_commands_or_code_is_run_by_a_test_or_says_why_not() -> Result<()> {
    let tests = tests()?;
    let mut unmarked = Vec::new();
    for (page, text) in pages()? {
        // A test that runs a page reads it, so that its code has the page's path.
        let is_run = page.starts_with("docs/") && tests.contains(&page);
        for block in blocks(&text) {
            let reason = block.mark.strip_prefix("not run: ").unwrap_or_default();
            let is_marked = reason.contains(' ') || block.mark.starts_with("tested: ");
            if LANGUAGES.contains(&block.language.as_str()) && !is_run && !is_marked {
                unmarked.push(format!("{page}: {}", block.code.lines().next().unwrap_or_default()));
            }
        }
    }
    assert_eq!(unmarked, Vec::<String>::new(), "these blocks need a test, or `<!-- not run: reason -->`");
    Ok(())
}

#[test]
fn a_block_of_code_is_in_the_file_that_it_names() -> Result<()> {
    let mut count = 0;
    for (page, text) in pages()? {
        for block in blocks(&text) {
            // The mark of any other block, e.g. a manifest, is of the test that reads it.
            let Some(file) = block.mark.strip_prefix("tested: ") else { continue };
            if !LANGUAGES.contains(&block.language.as_str()) && block.language != "wit" {
                continue;
            }
            let example = without_indentation(&read(file)?);
            let code = &block.code;
            assert!(example.contains(&without_indentation(code)), "{page}: not in {file}:\n{code}");
            count += 1;
        }
    }
    assert!(count >= 20, "{count} blocks name a file");
    Ok(())
}

/// Without `--addr`, `wasmtime serve` listens on all interfaces.
#[test]
fn each_server_of_wasmtime_listens_on_loopback_alone() -> Result<()> {
    let (mut count, mut exposed) = (0, Vec::new());
    for page in documents(&root())? {
        for block in blocks(&fs::read_to_string(&page)?) {
            let lines = block.code.lines().filter(|line| line.contains("wasmtime serve "));
            for line in lines {
                count += 1;
                if !line.contains("--addr 127.0.0.1:8080 ") {
                    exposed.push(format!("{}: {line}", page.display()));
                }
            }
        }
    }
    assert_eq!(exposed, Vec::<String>::new());
    assert!(count >= 20, "{count} lines start a server");
    Ok(())
}

/// The languages of what a reader runs or writes.
const LANGUAGES: [&str; 9] = ["sh", "rust", "typescript", "ts", "javascript", "js", "python", "go", "c"];

/// The code of the tests that run pages: all but those of this contract, which read pages and run nothing.
fn tests() -> Result<String> {
    let mut code = String::new();
    for folder in ["host-tests", "crates", "tools", "packages", "hosts"].map(|folder| root().join(folder)) {
        for file in if folder.is_dir() { files(&folder, "rs")? } else { Vec::new() } {
            let path = file.to_string_lossy();
            if path.contains("/tests/") && !path.contains("/tests/contract/") {
                code += &fs::read_to_string(file)?;
            }
        }
    }
    Ok(code)
}
