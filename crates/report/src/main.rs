//! Measures the components beside their floors and their peers: `cargo run --release -p report`.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use progress::Progress;
use report::sections::scale;
use report::{markdown, plot, sections};
use std::path::Path;
use std::process::ExitCode;

/// Measures the components, and writes docs/performance.md, the charts beside it and the README's figures.
#[derive(Parser)]
struct Options {
    /// Prints the tables and writes nothing; works in a debug build, too, whose times mean little.
    #[arg(long)]
    dry: bool,
    /// Measures only the sections of times whose name contains this text, e.g. `http-auth`.
    #[arg(long, value_name = "TEXT", requires = "dry")]
    only: Option<String>,
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
    let progress = Progress::start();
    let report =
        sections::measure(options.only.as_deref(), &mut |step, of, what| progress.show(step, of, what))?;
    drop(progress);
    report.missing.iter().for_each(|peer| eprintln!("left out: {peer}"));
    for section in report.sections.iter().filter(|section| section.moved.is_some()) {
        eprintln!("unusable: the machine was not steady while this was measured: {}", section.title);
    }
    let page = markdown::page(&report);
    println!("{page}");
    if options.dry {
        return Ok(());
    }
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let write = |file: &str, text: String| {
        std::fs::write(root.join(file), text).with_context(|| format!("cannot write {file}"))
    };
    let readme = std::fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    write("README.md", markdown::in_readme(&readme, &report)?)?;
    write("docs/performance.md", page)?;
    write("docs/performance.svg", plot::bars(&report.sections))?;
    write(&format!("docs/{}", scale::FILE), plot::curves(&report.charts))
}
