//! What the tests said to a mutant, and the records of it.

use crate::suite::{Ended, Suite, Threads};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// What the tests said to a mutant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The tests that failed, as the table names them: those of the mutant's first suite first.
    pub failed: Vec<String>,
    /// The attacks of the attack suite that failed.
    pub attacks: BTreeSet<String>,
    /// How the tests failed, if not by an assertion.
    pub remark: Option<String>,
    /// Why the mutant could not be tested.
    pub problem: Option<String>,
    /// How long it took.
    pub seconds: u64,
}

/// The verdict on a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A test failed.
    Killed,
    /// No test failed.
    Survived,
    /// It could not be tested.
    NotTested,
}

impl Outcome {
    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        if self.problem.is_some() {
            Verdict::NotTested
        } else if self.failed.is_empty() && self.attacks.is_empty() {
            Verdict::Survived
        } else {
            Verdict::Killed
        }
    }

    /// Adds how a test program of a suite ended.
    pub fn add(&mut self, suite: &Suite, ended: &Ended) {
        let report = &ended.report;
        let mut names: Vec<String> = report.failed.iter().map(|name| suite.displayed(name)).collect();
        if let Some(Threads { of, prefix }) = &suite.threads {
            let threads = report.panicked.iter().filter(|thread| !report.failed.contains(*thread));
            let threads: Vec<_> = threads.map(|thread| format!("{prefix}/{thread}")).collect();
            // The test fails with any of its threads, and says less.
            names.retain(|name| name != of || threads.is_empty());
            names.extend(threads);
        }
        if ended.success.is_none() {
            names.extend(report.slow.iter().map(|name| suite.displayed(name)));
            self.remark = Some("it never ends".to_owned());
        }
        if !report.overflowed.is_empty() {
            names.extend(report.overflowed.iter().map(|name| suite.displayed(name)));
            self.remark = Some("the stack overflows".to_owned());
        }
        if ended.success != Some(true) && names.is_empty() && report.attacks.is_empty() {
            self.problem = Some("a test program failed and named no test".to_owned());
        }
        self.attacks.extend(report.attacks.iter().cloned());
        for name in names {
            if !self.failed.contains(&name) {
                self.failed.push(name);
            }
        }
    }

    /// Reads the record of a mutant; `None`: there is none.
    pub fn read(folder: &Path, id: &str) -> Option<Self> {
        toml::from_str(&std::fs::read_to_string(folder.join(format!("{id}.toml"))).ok()?).ok()
    }

    /// Writes the record of a mutant.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path, id: &str) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        Ok(std::fs::write(folder.join(format!("{id}.toml")), toml::to_string(self)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;

    fn suite(toml: &str) -> Suite {
        toml::from_str(&format!("build = []\ntimeout = 1\n{toml}")).expect("a suite")
    }

    fn outcome(suite: &Suite, success: Option<bool>, output: &str) -> Outcome {
        let mut outcome = Outcome::default();
        outcome.add(suite, &Ended { success, report: Report::parse(output) });
        outcome
    }

    #[test]
    fn a_mutant_that_no_test_notices_survives() {
        let outcome = outcome(&suite(""), Some(true), "test a ... ok\n");
        assert_eq!((outcome.verdict(), outcome.failed), (Verdict::Survived, Vec::new()));
    }

    #[test]
    fn tests_are_named_without_their_modules_and_once_for_all_editions() {
        let output = "test over_0_2::a_rule ... FAILED\ntest over_0_3::a_rule ... FAILED\n";
        assert_eq!(outcome(&suite(""), Some(false), output).failed, ["a_rule"]);
        let output = "test arc/key-link ... FAILED\n";
        assert_eq!(outcome(&suite("prefix = 'cases'"), Some(false), output).failed, ["cases/arc/key-link"]);
    }

    #[test]
    fn a_thread_with_a_name_stands_for_the_test_that_runs_it() {
        let output = "test every_corpus ... FAILED\nthread 'url' panicked at a.rs:1:2:\nthread 'every_corpus' panicked at b\n";
        let suite = suite("threads = { of = 'every_corpus', prefix = 'fuzz' }");
        assert_eq!(outcome(&suite, Some(false), output).failed, ["fuzz/url"]);
    }

    #[test]
    fn a_program_that_hangs_or_overflows_its_stack_names_the_test() {
        let hanging = outcome(&suite(""), None, "test a has been running for over 60 seconds\n");
        assert_eq!(
            (hanging.failed, hanging.remark.as_deref()),
            (vec!["a".to_owned()], Some("it never ends"))
        );
        let overflow = outcome(&suite(""), Some(false), "thread 'b' has overflowed its stack\n");
        assert_eq!((overflow.verdict(), overflow.failed), (Verdict::Killed, vec!["b".to_owned()]));
        assert_eq!(outcome(&suite(""), Some(false), "").verdict(), Verdict::NotTested);
    }
}
