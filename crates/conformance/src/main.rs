//! Compares the component with the recorded behaviour of the Azure SDKs: `cargo run -p conformance -- [DIR]`.

use anyhow::{Context, Result, bail};
use clap::Parser;
use conformance::case::Case;
use conformance::divergences::Divergences;
use conformance::verdict::{Count, Verdict, judge};
use conformance::{corpus, project_corpus, show};
use host_tests::edition::Edition;
use progress::Progress;
use regex::Regex;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs the component through recorded cases and compares it with each SDK.
///
/// Exits with 1 when a case fails or a rule of corpus/divergences.toml is wrong about itself, and with 2 on an error.
#[derive(Parser)]
struct Options {
    /// The folder of the cases: recordings (cases/, azure-cli/, keys/), or what --vendor wrote; by default the project's.
    directory: Option<PathBuf>,
    /// Runs only the cases whose name matches the pattern.
    #[arg(long, value_name = "REGEX")]
    filter: Option<Regex>,
    /// The edition of the component.
    #[arg(long, value_enum, default_value = "0.2")]
    edition: Edition,
    /// Writes the verdicts to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Prints one case, the component beside each SDK, and runs no other.
    #[arg(long, value_name = "CASE")]
    show: Option<String>,
    /// Prints the cases that agree, too.
    #[arg(long)]
    verbose: bool,
    /// Writes the cases into the project's corpus, where `cargo test` finds them, and runs none.
    #[arg(long)]
    vendor: bool,
}

fn main() -> ExitCode {
    run(&Options::parse()).unwrap_or_else(|error| {
        eprintln!("error: {}", one_line(&error));
        ExitCode::from(2)
    })
}

fn run(options: &Options) -> Result<ExitCode> {
    let cases = corpus::load(options.directory.as_deref().unwrap_or(&project_corpus()))?;
    if options.vendor {
        corpus::save(&cases, &project_corpus())?;
        println!("{} cases are in {}", cases.len(), project_corpus().display());
        return Ok(ExitCode::SUCCESS);
    }
    let divergences = Divergences::read(&project_corpus().join("divergences.toml"))?;
    match &options.show {
        Some(name) => run_one(&cases, name, options.edition, &divergences),
        None => run_all(options, &cases, &divergences),
    }
}

fn run_one(cases: &[Case], name: &str, edition: Edition, divergences: &Divergences) -> Result<ExitCode> {
    let case = cases.iter().find(|case| case.name == name);
    let case = case.with_context(|| format!("there is no case {name}"))?;
    let verdict = judge(case, edition, divergences)?;
    print!("{}", show::show(case, edition, &verdict)?);
    Ok(if matches!(verdict, Verdict::Fails(_)) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn run_all(options: &Options, cases: &[Case], divergences: &Divergences) -> Result<ExitCode> {
    let is_chosen = |case: &&Case| options.filter.as_ref().is_none_or(|filter| filter.is_match(&case.name));
    let (mut count, mut verdicts) = (Count::default(), Vec::new());
    let (progress, chosen) = (Progress::start(), cases.iter().filter(is_chosen).collect::<Vec<_>>());
    for (number, case) in chosen.iter().enumerate() {
        progress.show(number, chosen.len(), &case.name);
        let verdict = judge(case, options.edition, divergences)?;
        if options.verbose || !matches!(verdict, Verdict::Agrees(_)) {
            progress.print(&format!("{} {verdict}", case.name));
        }
        count.add(&verdict);
        verdicts.push(verdict.to_json(&case.name));
    }
    drop(progress);
    if verdicts.is_empty() {
        bail!("no case matches the filter");
    }
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&verdicts)?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    println!("{count}");
    if count.fail > 0 {
        return Ok(ExitCode::FAILURE);
    }
    if options.filter.is_some() || !has_all_of_the_project(cases)? {
        println!(
            "not checked: whether every rule of divergences.toml is needed and names the SDKs that it contradicts, because some of the project's cases did not run"
        );
        return Ok(ExitCode::SUCCESS);
    }
    let mistakes = divergences.mistakes();
    mistakes.iter().for_each(|mistake| println!("WRONG RULE: {mistake}"));
    Ok(if mistakes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the project's cases are among these: only then does an unused rule excuse nothing at all.
fn has_all_of_the_project(cases: &[Case]) -> Result<bool> {
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    Ok(corpus::load(&project_corpus())?.iter().all(|case| names.contains(&case.name)))
}

/// The error and its causes in one line, without the backtrace that wasmtime adds as a cause.
fn one_line(error: &anyhow::Error) -> String {
    let causes = error.chain().map(|cause| cause.to_string());
    let causes = causes.filter(|cause| !cause.starts_with("error while executing at wasm backtrace"));
    let one_line = |cause: String| cause.split_whitespace().collect::<Vec<_>>().join(" ");
    causes.map(one_line).collect::<Vec<_>>().join(": ")
}
