//! Which differences are meant, and why: `corpus/divergences.toml`.

use super::corpus::Case;
use super::judge::Difference;
use anyhow::{Context, Result};
use regex::Regex;
use serde::Deserialize;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::Path;

/// All of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Divergences {
    /// Differences from an SDK.
    pub diverge: Vec<Diverge>,
    /// Cases that need what no component can have.
    pub not_applicable: Vec<NotApplicable>,
}

/// Differences that are meant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diverge {
    /// A pattern for the whole name of a case.
    pub cases: Pattern,
    /// The SDK it is about; `None`: any.
    pub sdk: Option<String>,
    /// Patterns for whole names of differences; see [`judge`](super::judge).
    pub differs: Vec<Pattern>,
    /// Why.
    pub because: String,
    /// The rule of the design, or what stands in its place.
    pub rule: String,
    /// Whether a case needed it.
    #[serde(skip)]
    pub used: Cell<bool>,
}

/// Cases that cannot be asked of a component.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotApplicable {
    /// A pattern for the whole name of a case.
    pub cases: Pattern,
    /// Why.
    pub because: String,
    /// Whether a case needed it.
    #[serde(skip)]
    pub used: Cell<bool>,
}

/// A pattern for a whole text.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(Regex);

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    fn try_from(text: String) -> Result<Self, regex::Error> {
        Regex::new(&format!("^(?:{text})$")).map(Self)
    }
}

impl Pattern {
    /// Whether it is the pattern of this text.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl Divergences {
    /// Reads the rules.
    ///
    /// # Errors
    /// When the file is not there or has something else in it.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("no {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in {}", path.display()))
    }

    /// The rules that excuse all of these differences, or `None` when one of them is not excused.
    pub fn excuse(&self, case: &Case, sdk: &str, differences: &[Difference]) -> Option<Vec<&Diverge>> {
        let of_case = |rule: &&Diverge| {
            rule.cases.is_match(&case.name) && rule.sdk.as_ref().is_none_or(|only| only == sdk)
        };
        let rules: Vec<_> = self.diverge.iter().filter(of_case).collect();
        let mut needed: Vec<&Diverge> = Vec::new();
        for difference in differences {
            let excuses = |rule: &&&Diverge| rule.differs.iter().any(|name| name.is_match(&difference.name));
            let rule = rules.iter().find(excuses)?;
            if !needed.iter().any(|known| std::ptr::eq(*known, *rule)) {
                needed.push(rule);
            }
        }
        Some(needed)
    }

    /// The rule by which a case is not applicable.
    pub fn not_applicable(&self, case: &Case) -> Option<&NotApplicable> {
        self.not_applicable.iter().find(|rule| rule.cases.is_match(&case.name))
    }

    /// The rules that nothing needed, in words, once all cases were judged. As long as one of its cases
    /// is `failing`, nobody knows whether a rule is needed.
    pub fn stale(&self, failing: &BTreeSet<String>) -> Vec<String> {
        let diverge = self.diverge.iter().map(|rule| (&rule.used, &rule.cases, &rule.because));
        let others = self.not_applicable.iter().map(|rule| (&rule.used, &rule.cases, &rule.because));
        diverge
            .chain(others)
            .filter(|(used, cases, _)| !used.get() && !failing.iter().any(|name| cases.is_match(name)))
            .map(|(_, cases, because)| format!("{because} ({:?})", cases.0.as_str()))
            .collect()
    }
}
