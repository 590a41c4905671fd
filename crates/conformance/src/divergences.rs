//! The rules of `corpus/divergences.toml`: which differences from an SDK are intended, and why.
//!
//! A rule matches behaviour: names of differences, of one SDK, in calls about which the required [`facts`](crate::facts)
//! hold. The name of a case matters to no rule.

use crate::compare::Difference;
use crate::facts::Facts;
use anyhow::{Context, Result};
use regex::Regex;
use serde::Deserialize;
use std::cell::Cell;
use std::path::Path;

/// All rules.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Divergences {
    /// The rules, in the order in which they are tried.
    pub diverge: Vec<Divergence>,
}

/// A rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergence {
    /// The SDK; `None`: any.
    pub sdk: Option<String>,
    /// The facts that must hold about the call: for each pattern at least one.
    #[serde(default)]
    pub when: Vec<Pattern>,
    /// The differences that are intended; [`compare`](crate::compare) has their names.
    pub differs: Vec<Pattern>,
    /// The reason.
    pub because: String,
    /// Where the reason is laid down.
    pub rule: String,
}

/// A regular expression for a whole text.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    regex: Regex,
    text: String,
    /// Whether a verdict depended on it.
    is_used: Cell<bool>,
}

impl Divergences {
    /// Reads the rules.
    ///
    /// # Errors
    /// When the file is missing or malformed.
    pub fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in {}", path.display()))
    }

    /// The rules that excuse all of these differences from an SDK; `None` when one of them is not excused. `facts` are those
    /// of each call.
    pub fn excuse(&self, sdk: &str, differences: &[Difference], facts: &[Facts]) -> Option<Vec<&Divergence>> {
        let excused = differences.iter().map(|difference| {
            let facts = facts_of(difference, differences, facts);
            self.diverge.iter().find_map(|rule| Some((rule, rule.excuses(sdk, difference, &facts)?)))
        });
        let excused = excused.collect::<Option<Vec<_>>>()?;
        let mut rules: Vec<&Divergence> = Vec::new();
        for (rule, pattern) in excused {
            pattern.is_used.set(true);
            if !rules.iter().any(|known| std::ptr::eq(*known, rule)) {
                rules.push(rule);
            }
        }
        Some(rules)
    }

    /// The patterns in `differs` that excused nothing, each with the reason of its rule. Meaningful after a run of all cases
    /// without a failure.
    pub fn stale(&self) -> Vec<String> {
        let patterns = self.diverge.iter().flat_map(|rule| rule.differs.iter().map(move |it| (rule, it)));
        let stale = patterns.filter(|(_, pattern)| !pattern.is_used.get());
        stale.map(|(rule, pattern)| format!("{:?}, because {}", pattern.text, rule.because)).collect()
    }
}

impl Divergence {
    /// The pattern by which the rule excuses a difference.
    fn excuses(&self, sdk: &str, difference: &Difference, facts: &Facts) -> Option<&Pattern> {
        let is_about = self.sdk.as_ref().is_none_or(|only| only == sdk)
            && self.when.iter().all(|pattern| facts.iter().any(|fact| pattern.is_match(fact)));
        self.differs.iter().find(|pattern| is_about && pattern.is_match(&difference.name))
    }
}

/// The facts about the call of a difference, with the names of all differences in that call.
fn facts_of(difference: &Difference, differences: &[Difference], facts: &[Facts]) -> Facts {
    let of_call = difference.call.checked_sub(1).and_then(|index| facts.get(index));
    let mut of_call = of_call.cloned().unwrap_or_default();
    let same_call = differences.iter().filter(|it| it.call == difference.call);
    of_call.extend(same_call.map(|it| format!("differs:{}", it.name)));
    of_call
}

impl Pattern {
    /// Whether it matches the whole text.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    fn try_from(text: String) -> Result<Self, regex::Error> {
        let regex = Regex::new(&format!("^(?:{text})$"))?;
        Ok(Self { regex, text, is_used: Cell::new(false) })
    }
}
