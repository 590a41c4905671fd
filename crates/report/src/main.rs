//! Measures everything that the project says about speed and size, in one run: each figure beside its floor
//! and its peers. Prints the table, and writes `docs/performance.md`, `docs/performance.svg` and
//! their short form in the README.

use anyhow::Result;
use clap::Parser;
use report::{markdown, plot, rows};
use std::path::Path;

/// Measures the components, and writes docs/performance.md, docs/performance.svg and the README's figures.
#[derive(Parser)]
struct Options {
    /// Print the table, and write nothing; also in a debug build, whose figures mean little.
    #[arg(long)]
    dry: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    anyhow::ensure!(
        options.dry || !cfg!(debug_assertions),
        "a debug build measures itself; run: cargo run --release -p report"
    );
    let sections = rows::measure(&mut |what| eprintln!("measuring {what}"))?;
    let page = markdown::page(&sections);
    println!("{page}");
    if !options.dry {
        let docs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
        std::fs::create_dir_all(docs)?;
        std::fs::write(docs.join("performance.md"), page)?;
        let readme = docs.join("../README.md");
        let with_figures = markdown::in_readme(&std::fs::read_to_string(&readme)?, &sections)?;
        std::fs::write(readme, with_figures)?;
        std::fs::write(docs.join("performance.svg"), plot::bars(&sections))?;
    }
    Ok(())
}
