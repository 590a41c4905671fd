//! The rules of `corpus/divergences.toml`: which differences from an SDK are intended, and why.
//!
//! A rule matches behaviour: names of differences from the SDKs that it contradicts, in calls about which the required
//! [`facts`](crate::facts) hold. The name of a case matters to no rule. [`Divergences::mistakes`] compares what a rule says of
//! itself with the recordings.

use crate::compare::Difference;
use crate::facts::Facts;
use anyhow::{Context, Result};
use regex::Regex;
use serde::Deserialize;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
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
    /// The SDKs that do otherwise in the cases that the rule excuses: all that are recorded there.
    pub contradicts: Vec<String>,
    /// The facts that must hold about the call: for each pattern at least one.
    #[serde(default)]
    pub when: Vec<Pattern>,
    /// The differences that are intended; [`compare`](crate::compare) has their names.
    pub differs: Vec<Pattern>,
    /// The reason.
    pub because: String,
    /// Why users want it although every SDK that is recorded in some case does otherwise; `None`: there is no such case.
    pub users: Option<String>,
    /// Where the reason is laid down.
    pub rule: String,
    /// The SDKs that were seen to do otherwise.
    #[serde(skip)]
    seen: RefCell<BTreeSet<String>>,
    /// Whether all SDKs of a case were seen to do otherwise.
    #[serde(skip)]
    is_unanimous: Cell<bool>,
}

/// The differences from an SDK in a case, and the facts about each call.
#[derive(Debug)]
pub struct Against<'a> {
    /// The SDK.
    pub sdk: &'a str,
    /// The differences.
    pub differences: Vec<Difference>,
    /// The facts about each call.
    pub facts: Vec<Facts>,
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

    /// The first SDK from which the rules excuse all differences, and those rules; `None`: there is no such SDK.
    pub fn excuse<'a>(&self, against: &[Against<'a>]) -> Option<(&'a str, Vec<&Divergence>)> {
        let (sdk, rules) = against.iter().find_map(|it| Some((it.sdk, self.rules_for(it)?)))?;
        rules.iter().for_each(|rule| rule.observe(against));
        Some((sdk, rules))
    }

    fn rules_for(&self, against: &Against<'_>) -> Option<Vec<&Divergence>> {
        let mut rules: Vec<&Divergence> = Vec::new();
        for difference in &against.differences {
            let facts = against.facts_of(difference);
            let excuses = |rule: &&Divergence| {
                rule.contradicts.iter().any(|it| it == against.sdk)
                    && rule.matching(difference, &facts).is_some()
            };
            let rule = self.diverge.iter().find(excuses)?;
            if !rules.iter().any(|known| std::ptr::eq(*known, rule)) {
                rules.push(rule);
            }
        }
        Some(rules)
    }

    /// What the rules say of themselves and the recordings do not show, each with the reason of its rule. Meaningful after a
    /// run of all cases without a failure.
    pub fn mistakes(&self) -> Vec<String> {
        let mistakes = self.diverge.iter().flat_map(|rule| {
            rule.mistakes().into_iter().map(move |it| format!("{it}, because {}", rule.because))
        });
        mistakes.collect()
    }
}

impl Divergence {
    /// The pattern that matches a difference, if the rule is about its call.
    fn matching(&self, difference: &Difference, facts: &Facts) -> Option<&Pattern> {
        let is_about = self.when.iter().all(|pattern| facts.iter().any(|fact| pattern.is_match(fact)));
        self.differs.iter().find(|pattern| is_about && pattern.is_match(&difference.name))
    }

    /// Notes which SDKs do otherwise in a case that the rule excuses.
    fn observe(&self, against: &[Against<'_>]) {
        let mut count = 0;
        for sdk in against {
            let matching = |it: &Difference| self.matching(it, &sdk.facts_of(it));
            let patterns: Vec<_> = sdk.differences.iter().filter_map(matching).collect();
            patterns.iter().for_each(|pattern| pattern.is_used.set(true));
            if !patterns.is_empty() {
                self.seen.borrow_mut().insert(sdk.sdk.to_owned());
                count += 1;
            }
        }
        // Where one SDK alone is recorded, nothing is known of the others.
        if count > 1 && count == against.len() {
            self.is_unanimous.set(true);
        }
    }

    fn mistakes(&self) -> Vec<String> {
        let stale = self.differs.iter().filter(|pattern| !pattern.is_used.get());
        let mut mistakes: Vec<_> = stale.map(|it| format!("{:?} excuses nothing", it.text)).collect();
        let (named, seen) = (self.contradicts.iter().cloned().collect::<BTreeSet<_>>(), self.seen.borrow());
        mistakes.extend(named.difference(&seen).map(|sdk| format!("{sdk} is never contradicted")));
        mistakes.extend(seen.difference(&named).map(|sdk| format!("{sdk} is contradicted, too")));
        match (self.is_unanimous.get(), &self.users) {
            (true, None) => mistakes.push("every SDK of a case is contradicted without `users`".to_owned()),
            (false, Some(_)) => {
                mistakes.push("`users` is for a rule that contradicts every SDK of a case".to_owned())
            }
            _ => {}
        }
        mistakes
    }
}

impl Against<'_> {
    /// The facts about the call of a difference, with the names of all differences in that call.
    fn facts_of(&self, difference: &Difference) -> Facts {
        let of_call = difference.call.checked_sub(1).and_then(|index| self.facts.get(index));
        let mut of_call = of_call.cloned().unwrap_or_default();
        let same_call = self.differences.iter().filter(|it| it.call == difference.call);
        of_call.extend(same_call.map(|it| format!("differs:{}", it.name)));
        of_call
    }
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
