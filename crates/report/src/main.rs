//! Measures the components beside their floors and the Azure SDKs: `cargo run --release -p report`.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use report::{markdown, plot, sections};
use std::path::Path;
use std::process::ExitCode;

/// Measures the components, and writes docs/performance.md, docs/performance.svg and the README's figures.
#[derive(Parser)]
struct Options {
    /// Prints the tables and writes nothing; works in a debug build, too, whose times mean little.
    #[arg(long)]
    dry: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    ensure!(
        options.dry || !cfg!(debug_assertions),
        "a debug build measures itself; run: cargo run --release -p report"
    );
    let sections = sections::measure(&mut |step| eprintln!("measuring {step}"))?;
    let page = markdown::page(&sections);
    println!("{page}");
    if options.dry {
        return Ok(());
    }
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let write = |file: &str, text: String| {
        std::fs::write(root.join(file), text).with_context(|| format!("cannot write {file}"))
    };
    let readme = std::fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    write("README.md", markdown::in_readme(&readme, &sections)?)?;
    write("docs/performance.md", page)?;
    write("docs/performance.svg", plot::bars(&sections))
}
