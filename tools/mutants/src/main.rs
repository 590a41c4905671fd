//! `cargo mutate`: removes each security rule from the source, one at a time, and lists the tests that fail.

use anyhow::{Result, ensure};
use clap::Parser;
use mutants::definitions::{Definitions, Mutant};
use mutants::outcome::{Outcome, Verdict};
use mutants::run::{Run, document, records};
use mutants::{attacks, table, workspace};
use std::fs;

/// Removes each security rule from a copy of the source, one at a time, and lists the tests that fail. Fails when a rule's
/// removal fails no test, and when an attack of the attack suite fails with no rule's removal.
#[derive(Parser)]
#[command(name = "cargo mutate", bin_name = "cargo mutate")]
struct Arguments {
    /// The mutants to run; by default all.
    #[arg(long, value_name = "ID", num_args = 1..)]
    only: Vec<String>,
    /// Skips the mutants that a run before this one has recorded in target/mutants.
    #[arg(long)]
    resume: bool,
    /// Writes the recorded outcomes into the table of SECURITY.md.
    #[arg(long)]
    write: bool,
    /// Lists the mutants and runs none.
    #[arg(long, conflicts_with_all = ["resume", "write"])]
    list: bool,
    /// Checks that the definitions fit the source and the table, and runs none.
    #[arg(long, conflicts_with_all = ["resume", "write", "list"])]
    check: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let definitions = Definitions::read()?;
    let selected = definitions.select(&arguments.only)?;
    if arguments.list {
        selected.iter().for_each(|it| println!("{:<32} {:<10} {}", it.id, it.rule, it.removed));
        return Ok(());
    }
    if arguments.check {
        definitions.check(&workspace())?;
        return table::check(&fs::read_to_string(document())?, &definitions.mutants);
    }
    let record = |mutant: &Mutant| Outcome::read(&records(), &mutant.id);
    let is_left = |mutant: &&&Mutant| !arguments.resume || record(mutant).is_none();
    let left: Vec<&Mutant> = selected.iter().filter(is_left).copied().collect();
    run(&definitions, &left)?;
    if arguments.write {
        let outcomes = definitions.mutants.iter().map(|mutant| (mutant, record(mutant)));
        let document = document();
        fs::write(&document, table::replace(&fs::read_to_string(&document)?, outcomes)?)?;
    }
    let outcomes: Vec<_> = selected.iter().filter_map(|mutant| Some((mutant, record(mutant)?))).collect();
    let mut problems: Vec<String> = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.verdict() != Verdict::Killed)
        .map(|(mutant, outcome)| match &outcome.problem {
            Some(problem) => format!("NOT TESTED {}: {problem}", mutant.id),
            None => format!("SURVIVED {}: {}", mutant.id, mutant.removed),
        })
        .collect();
    if arguments.only.is_empty() {
        let without_effect =
            attacks::without_effect(&workspace(), outcomes.iter().map(|(_, outcome)| outcome))?;
        problems.extend(without_effect.iter().map(|id| format!("NO MUTANT FAILS attack {id}")));
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

fn run(definitions: &Definitions, mutants: &[&Mutant]) -> Result<()> {
    if mutants.is_empty() {
        return Ok(());
    }
    let run = Run::new(definitions)?;
    run.check_source(mutants)?;
    mutants.iter().try_for_each(|mutant| run.run(mutant).map(drop))
}
