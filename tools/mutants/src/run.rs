//! The run of the mutants.

use crate::definitions::{Definitions, Mutant};
use crate::edit::Edit;
use crate::outcome::{Outcome, Verdict};
use crate::sandbox::Sandbox;
use crate::suite::{Program, Suite};
use crate::workspace;
use anyhow::{Context, Result, bail};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

/// The run of some mutants.
pub struct Run<'a> {
    definitions: &'a Definitions,
    sandbox: Sandbox,
    /// Locked as long as the run lasts, because two would change the same copy.
    _lock: File,
    /// The test programs of the composed suites, which are built once.
    composed: RefCell<BTreeMap<&'a str, Vec<Program>>>,
}

impl<'a> Run<'a> {
    /// Copies the workspace.
    ///
    /// # Errors
    /// When a definition does not fit the source, or the workspace cannot be copied.
    pub fn new(definitions: &'a Definitions) -> Result<Self> {
        definitions.check(&workspace())?;
        std::fs::create_dir_all(logs())?;
        let lock = File::create(folder().join("lock"))?;
        lock.try_lock().context("another run is in progress")?;
        let sandbox = Sandbox::copy(&workspace(), folder().join("tree"))?;
        Ok(Self { definitions, sandbox, _lock: lock, composed: RefCell::default() })
    }

    /// Runs the suites of the mutants without a mutant: what fails then says nothing about a mutant.
    ///
    /// # Errors
    /// When a test fails.
    pub fn check_source(&self, mutants: &[&'a Mutant]) -> Result<()> {
        let suites: BTreeSet<&String> = mutants.iter().flat_map(|mutant| &mutant.suites).collect();
        for name in suites {
            let outcome = self.test("source", &[], std::slice::from_ref(name))?;
            println!("without a mutant: {name} {}", described(&outcome));
            if outcome.verdict() != Verdict::Survived {
                bail!("the tests must pass without a mutant; their output is in {}", logs().display());
            }
        }
        Ok(())
    }

    /// Applies a mutant and runs its suites. The outcome is recorded, so that the table can be written later.
    ///
    /// # Errors
    /// When cargo or a test program does not start.
    pub fn run(&self, mutant: &'a Mutant) -> Result<Outcome> {
        let outcome = self.test(&mutant.id, &mutant.edits, &mutant.suites)?;
        outcome.write(&records(), &mutant.id)?;
        println!("{}: {}", mutant.id, described(&outcome));
        Ok(outcome)
    }

    fn test(&self, id: &str, edits: &[Edit], suites: &'a [String]) -> Result<Outcome> {
        let start = Instant::now();
        let mut outcome = Outcome::default();
        self.sandbox.with_edits(edits, || {
            suites.iter().try_for_each(|suite| self.run_suite(id, suite, &mut outcome))
        })?;
        outcome.seconds = start.elapsed().as_secs();
        Ok(outcome)
    }

    fn run_suite(&self, id: &str, selected: &'a str, outcome: &mut Outcome) -> Result<()> {
        let (name, suite, filter) = self.definitions.suite(selected)?;
        let log = |what: &str| logs().join(format!("{id}.{name}.{what}.txt"));
        let built = log("build");
        let programs = if suite.is_composed() {
            Some(self.composed_programs(name, suite)?)
        } else {
            suite.build(self.sandbox.root(), &built)?
        };
        let variables = suite.build_components(self.sandbox.root(), &built)?;
        let (Some(programs), Some(variables)) = (programs, variables) else {
            outcome.problem = Some(format!("it does not compile; {}", built.display()));
            return Ok(());
        };
        for (number, program) in programs.iter().enumerate() {
            outcome.add(suite, &suite.run(program, filter, &variables, &log(&number.to_string()))?);
        }
        Ok(())
    }

    fn composed_programs(&self, name: &'a str, suite: &Suite) -> Result<Vec<Program>> {
        if let Some(programs) = self.composed.borrow().get(name) {
            return Ok(programs.clone());
        }
        let log = logs().join(format!("{name}.build.txt"));
        let programs = suite.build(&workspace(), &log)?;
        let programs = programs.with_context(|| format!("it does not compile; {}", log.display()))?;
        self.composed.borrow_mut().insert(name, programs.clone());
        Ok(programs)
    }
}

/// The outcome in a few words.
fn described(outcome: &Outcome) -> String {
    let verdict = match outcome.verdict() {
        Verdict::Killed => {
            let names: Vec<&str> =
                outcome.failed.iter().chain(&outcome.attacks).map(String::as_str).collect();
            format!("killed by {} ({})", names.len(), names.join(", "))
        }
        Verdict::Survived => "no test fails".to_owned(),
        Verdict::NotTested => format!("NOT TESTED: {}", outcome.problem.as_deref().unwrap_or_default()),
    };
    format!("{verdict}, {} s", outcome.seconds)
}

/// The folder of the copy, the records and the logs.
fn folder() -> PathBuf {
    workspace().join("target/mutants")
}

fn logs() -> PathBuf {
    folder().join("logs")
}

/// The folder of the records.
pub fn records() -> PathBuf {
    folder().join("records")
}

/// The document that has the table.
pub fn document() -> PathBuf {
    workspace().join("SECURITY.md")
}
