//! The verdict on a case.

use crate::case::Case;
use crate::compare::{Difference, compare};
use crate::divergences::{Against, Divergences};
use crate::facts;
use crate::replay::{Replayed, replay};
use anyhow::{Context, Result};
use host_tests::edition::Edition;
use serde_json::{Value, json};
use std::fmt::{self, Display, Formatter};

/// The verdict on a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The component agrees with that SDK.
    Agrees(String),
    /// The component differs from that SDK, for these reasons.
    Diverges(String, Vec<String>),
    /// The credential cannot be expressed in WIT, for that reason.
    NotApplicable(String),
    /// The component differs from every SDK without a reason; the differences from each.
    Fails(Vec<(String, Vec<Difference>)>),
}

/// Replays a case and judges it.
///
/// # Errors
/// When the guest traps, or the case is malformed.
pub fn judge(case: &Case, edition: Edition, divergences: &Divergences) -> Result<Verdict> {
    let context = || format!("in {}", case.name);
    Ok(match replay(case, edition).with_context(context)? {
        Ok(replayed) => of(case, &replayed, divergences),
        Err(reason) => Verdict::NotApplicable(reason),
    })
}

fn of(case: &Case, replayed: &Replayed, divergences: &Divergences) -> Verdict {
    let mut against = Vec::new();
    for observed in &case.observed {
        let found = compare(case, observed, &replayed.calls);
        if found.is_empty() {
            return Verdict::Agrees(observed.sdk.clone());
        }
        let facts = facts::of_calls(case, observed, replayed);
        against.push(Against { sdk: &observed.sdk, differences: found, facts });
    }
    if let Some((sdk, rules)) = divergences.excuse(&against) {
        let reasons = rules.iter().map(|rule| format!("{} [{}]", rule.because, rule.rule));
        return Verdict::Diverges(sdk.to_owned(), reasons.collect());
    }
    Verdict::Fails(against.into_iter().map(|it| (it.sdk.to_owned(), it.differences)).collect())
}

/// The number of cases with each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The component agrees.
    pub agree: usize,
    /// The component diverges with a reason.
    pub diverge: usize,
    /// The case is not applicable.
    pub not_applicable: usize,
    /// The case fails.
    pub fail: usize,
}

impl Count {
    /// Counts a verdict.
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
    /// The verdict as JSON.
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
