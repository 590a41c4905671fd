//! All cases, judged.

use super::corpus::{Case, Done};
use super::divergences::Divergences;
use super::judge::{Difference, differences};
use super::perform::perform;
use anyhow::{Context, Result};
use host_tests::edition::Edition;
use serde_json::{Value, json};
use std::fmt::{self, Display, Formatter};

/// What is to be said of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It agrees with that SDK.
    Agrees(String),
    /// It differs from that SDK, for these reasons.
    Diverges(String, Vec<String>),
    /// It cannot be asked of a component, for that reason.
    NotApplicable(String),
    /// It differs from all, and nothing excuses it; here is what differs from each.
    Fails(Vec<(String, Vec<Difference>)>),
}

/// Runs a case and judges it.
///
/// # Errors
/// When the guest traps, or the case is malformed.
pub fn judge(case: &Case, edition: Edition, divergences: &Divergences) -> Result<Verdict> {
    let context = || format!("in {}", case.name);
    Ok(match perform(case, edition).with_context(context)? {
        Ok(ours) => of(case, &ours, divergences),
        Err(reason) => Verdict::NotApplicable(reason),
    })
}

/// Judges what was done in a case.
pub fn of(case: &Case, ours: &[Done], divergences: &Divergences) -> Verdict {
    let mut against = Vec::new();
    for observed in &case.observed {
        let found = differences(case, observed, ours);
        if found.is_empty() {
            return Verdict::Agrees(observed.sdk.clone());
        }
        against.push((observed.sdk.clone(), found));
    }
    if let Some(rule) = divergences.not_applicable(case) {
        rule.used.set(true);
        return Verdict::NotApplicable(rule.because.clone());
    }
    for (sdk, found) in &against {
        if let Some(rules) = divergences.excuse(case, sdk, found) {
            rules.iter().for_each(|rule| rule.used.set(true));
            let reasons = rules.iter().map(|rule| format!("{} [{}]", rule.because, rule.rule));
            return Verdict::Diverges(sdk.clone(), reasons.collect());
        }
    }
    Verdict::Fails(against)
}

/// How many of each there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Agree.
    pub agree: usize,
    /// Diverge with a reason.
    pub diverge: usize,
    /// Are not applicable.
    pub not_applicable: usize,
    /// Fail.
    pub fail: usize,
}

impl Count {
    /// Counts one more.
    pub fn add(&mut self, verdict: &Verdict) {
        *match verdict {
            Verdict::Agrees(_) => &mut self.agree,
            Verdict::Diverges(..) => &mut self.diverge,
            Verdict::NotApplicable(_) => &mut self.not_applicable,
            Verdict::Fails(_) => &mut self.fail,
        } += 1;
    }
}

impl Display for Count {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Self { agree, diverge, not_applicable, fail } = self;
        let all = agree + diverge + not_applicable + fail;
        write!(
            f,
            "{all} cases: {agree} agree, {diverge} diverge with a reason, {not_applicable} not applicable, {fail} fail"
        )
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match self {
            Self::Agrees(sdk) => write!(f, "agrees with {sdk}"),
            Self::Diverges(sdk, reasons) => write!(f, "diverges from {sdk}: {}", reasons.join("; ")),
            Self::NotApplicable(reason) => write!(f, "is not applicable: {reason}"),
            Self::Fails(against) => {
                f.write_str("FAILS")?;
                for (sdk, found) in against {
                    for Difference { call, name, detail } in found {
                        write!(f, "\n    {sdk:6} call {call}: {name}")?;
                        if !detail.is_empty() {
                            write!(f, ": {detail}")?;
                        }
                    }
                }
                Ok(())
            }
        }
    }
}

impl Verdict {
    /// The verdict for programs.
    pub fn to_json(&self, name: &str) -> Value {
        match self {
            Self::Agrees(sdk) => json!({"case": name, "verdict": "agrees", "sdk": sdk}),
            Self::Diverges(sdk, reasons) => {
                json!({"case": name, "verdict": "diverges", "sdk": sdk, "because": reasons})
            }
            Self::NotApplicable(reason) => {
                json!({"case": name, "verdict": "not-applicable", "because": reason})
            }
            Self::Fails(against) => {
                let difference =
                    |it: &Difference| json!({"call": it.call, "name": it.name, "detail": it.detail});
                let against = against.iter().map(|(sdk, found)| {
                    json!({"sdk": sdk, "differences": found.iter().map(difference).collect::<Vec<_>>()})
                });
                json!({"case": name, "verdict": "fails", "against": against.collect::<Vec<_>>()})
            }
        }
    }
}
