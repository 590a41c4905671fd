//! A preprocessor of mdBook, which `book.toml` names: links that leave the book lead to the project's files.

use anyhow::{Context, Result};
use std::env;
use std::io::{stdin, stdout};
use std::path::Path;

fn main() -> Result<()> {
    // mdBook asks first whether the preprocessor is for a renderer: `book supports html`. It is for every renderer.
    if env::args().nth(1).is_some_and(|argument| argument == "supports") {
        return Ok(());
    }
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let project = book::Project::read(root)?;
    let [context, mut chapters]: [serde_json::Value; 2] =
        serde_json::from_reader(stdin()).context("mdBook's input is malformed")?;
    drop(context);
    book::rewrite_chapters(&mut chapters, &project)?;
    serde_json::to_writer(stdout(), &chapters).context("mdBook does not read the chapters")
}
