//! Compares the component with the recorded behaviour of the Azure SDKs.
//!
//! `cargo run -p conformance -- DIR`; without DIR, the cases that come with the project.

use anyhow::{Context, Result, bail};
use clap::Parser;
use conformance::corpus::{self, Case};
use conformance::divergences::Divergences;
use conformance::verdict::{Count, Verdict, judge};
use conformance::{show, vendored};
use host_tests::edition::Edition;
use regex::Regex;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs the component through recorded cases and compares it with each SDK.
///
/// Ends with 1 when a case fails, or when a rule of corpus/divergences.toml excuses nothing.
#[derive(Parser)]
struct Arguments {
    /// The recordings (cases/, azure-cli/, keys/), or a folder that --vendor wrote.
    directory: Option<PathBuf>,
    /// Only the cases whose name has this pattern in it.
    #[arg(long, value_name = "REGEX")]
    filter: Option<Regex>,
    /// Which edition of the component.
    #[arg(long, value_enum, default_value = "0.2")]
    edition: Edition,
    /// Writes the verdicts to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Shows one case, ours beside theirs, and nothing else.
    #[arg(long, value_name = "CASE")]
    show: Option<String>,
    /// Prints the cases that agree, too.
    #[arg(long)]
    verbose: bool,
    /// Writes the cases into host-tests/conformance, where `cargo test` finds them, and runs nothing.
    #[arg(long)]
    vendor: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let cases = corpus::load(&arguments.directory.clone().unwrap_or_else(vendored))?;
    if arguments.vendor {
        corpus::save(&cases, &vendored())?;
        println!("{} cases are in {}", cases.len(), vendored().display());
        return Ok(ExitCode::SUCCESS);
    }
    let divergences = Divergences::read(&vendored().join("divergences.toml"))?;
    match &arguments.show {
        Some(name) => one(&cases, name, arguments.edition, &divergences),
        None => all(&arguments, &cases, &divergences),
    }
}

fn one(cases: &[Case], name: &str, edition: Edition, divergences: &Divergences) -> Result<ExitCode> {
    let case = cases.iter().find(|case| case.name == name);
    let case = case.with_context(|| format!("there is no case {name}"))?;
    let verdict = judge(case, edition, divergences)?;
    print!("{}", show::show(case, edition, &verdict)?);
    Ok(if matches!(verdict, Verdict::Fails(_)) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn all(arguments: &Arguments, cases: &[Case], divergences: &Divergences) -> Result<ExitCode> {
    let chosen = |case: &&Case| arguments.filter.as_ref().is_none_or(|filter| filter.is_match(&case.name));
    let (mut count, mut verdicts, mut failing) = (Count::default(), Vec::new(), BTreeSet::new());
    for case in cases.iter().filter(chosen) {
        let verdict = judge(case, arguments.edition, divergences)?;
        if arguments.verbose || !matches!(verdict, Verdict::Agrees(_)) {
            println!("{} {verdict}", case.name);
        }
        count.add(&verdict);
        if let Verdict::Fails(_) = verdict {
            failing.insert(case.name.clone());
        }
        verdicts.push(verdict.to_json(&case.name));
    }
    if verdicts.is_empty() {
        bail!("no case has such a name");
    }
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&verdicts)?)?;
    }
    // Only all cases together say that a rule is needed nowhere.
    let stale = if arguments.filter.is_none() { divergences.stale(&failing) } else { Vec::new() };
    stale.iter().for_each(|rule| println!("STALE: nothing needs this rule: {rule}"));
    println!("{count}");
    Ok(if count.fail == 0 && stale.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
