//! The mutants and the suites of tests, as the files of `tools/mutants/` define them.

use crate::edit::Edit;
use crate::suite::Suite;
use crate::workspace;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// All definitions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definitions {
    /// The suites by name.
    #[serde(default)]
    pub suites: BTreeMap<String, Suite>,
    /// The mutants, in the order of the table.
    pub mutants: Vec<Mutant>,
}

/// A rule that is removed from the source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// Its name on the command line, in kebab case.
    pub id: String,
    /// The rule of ARCHITECTURE.md, or the part of the project.
    pub rule: String,
    /// What is removed: the cell of the table.
    pub removed: String,
    /// The changes of the source.
    pub edits: Vec<Edit>,
    /// The suites that run, the most specific first: the name of each, and a filter of its tests if not all run.
    pub suites: Vec<String>,
}

impl Definitions {
    /// The project's definitions.
    ///
    /// # Errors
    /// When a file is malformed.
    pub fn read() -> Result<Self> {
        let mut all = Self { suites: BTreeMap::new(), mutants: Vec::new() };
        for name in FILES {
            let text =
                std::fs::read_to_string(workspace().join(name)).with_context(|| format!("no {name}"))?;
            let mut file: Self = toml::from_str(&text).with_context(|| format!("{name} is malformed"))?;
            all.suites.append(&mut file.suites);
            all.mutants.append(&mut file.mutants);
        }
        Ok(all)
    }

    /// Checks what can be checked without a build: names are unique, suites exist, and each text that is replaced is in the
    /// source once.
    ///
    /// # Errors
    /// With all problems.
    pub fn check(&self, root: &Path) -> Result<()> {
        let mut problems = Vec::new();
        let (mut ids, mut rows) = (BTreeSet::new(), BTreeSet::new());
        for mutant in &self.mutants {
            let Mutant { id, rule, removed, edits, suites } = mutant;
            if !ids.insert(id) || !rows.insert((rule, removed)) {
                problems.push(format!("{id} is defined twice"));
            }
            if edits.is_empty() || suites.is_empty() {
                problems.push(format!("{id} has no edits or no suites"));
            }
            problems.extend(
                suites.iter().filter_map(|suite| Some(format!("{id}: {:#}", self.suite(suite).err()?))),
            );
            for edit in edits {
                problems.extend(edit.apply_to_file(root).err().map(|error| format!("{id}: {error:#}")));
            }
        }
        ensure!(problems.is_empty(), "the mutants do not fit the source:\n{}", problems.join("\n"));
        Ok(())
    }

    /// A suite and its name, and the filter of its tests.
    ///
    /// # Errors
    /// When no suite has that name.
    pub fn suite<'a>(&'a self, selected: &'a str) -> Result<(&'a str, &'a Suite, Option<&'a str>)> {
        let (name, filter) =
            selected.split_once(' ').map_or((selected, None), |(name, filter)| (name, Some(filter)));
        let suite = self.suites.get(name).with_context(|| format!("there is no suite {name}"))?;
        Ok((name, suite, filter))
    }

    /// The mutants whose ids are given; without ids, all.
    ///
    /// # Errors
    /// When there is no mutant of that id.
    pub fn select(&self, ids: &[String]) -> Result<Vec<&Mutant>> {
        if ids.is_empty() {
            return Ok(self.mutants.iter().collect());
        }
        let by_id = |id: &String| self.mutants.iter().find(|mutant| mutant.id == *id);
        ids.iter().map(|id| by_id(id).with_context(|| format!("there is no mutant {id}"))).collect()
    }
}

/// In the order of the table.
const FILES: [&str; 3] =
    ["tools/mutants/mutants.toml", "tools/mutants/http-auth.toml", "tools/mutants/token-cache.toml"];
