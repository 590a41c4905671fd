//! Prints one case, the component beside each SDK.

use crate::case::{Attempts, Case, Done};
use crate::facts;
use crate::replay::replay;
use crate::retries;
use crate::verdict::Verdict;
use anyhow::Result;
use host_tests::edition::Edition;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A case as text: its environment, the behaviour of each SDK and of the component, the facts that rules may require, and the
/// verdict.
///
/// # Errors
/// When the guest traps, or the case is malformed.
pub fn show(case: &Case, edition: Edition, verdict: &Verdict) -> Result<String> {
    let mut text = format!("{}: {}\n", case.name, case.credential);
    for (name, value) in &case.env {
        writeln!(text, "  {name} = {value}")?;
    }
    for path in case.files.keys() {
        writeln!(text, "  file {path}")?;
    }
    for (name, value) in &case.options {
        writeln!(text, "  {name}: {value}")?;
    }
    for member in &case.chain {
        writeln!(text, "  member {member}")?;
    }
    for rule in &case.server {
        writeln!(text, "  {}", serde_json::to_string(rule)?)?;
    }
    let replayed = replay(case, edition)?.unwrap_or_default();
    let facts =
        case.observed.iter().map(|observed| facts::of_calls(case, observed, &replayed)).collect::<Vec<_>>();
    for (index, call) in case.calls.iter().enumerate() {
        writeln!(text, "\ncall {}: {}", index + 1, serde_json::to_string(call)?)?;
        for observed in &case.observed {
            show_call(&mut text, &observed.sdk, observed.calls.get(index))?;
        }
        show_call(&mut text, "ours", replayed.calls.get(index))?;
        let facts: BTreeSet<_> = facts.iter().filter_map(|of_calls| of_calls.get(index)).flatten().collect();
        for fact in facts {
            writeln!(text, "  fact {fact}")?;
        }
    }
    writeln!(text, "\n{} {verdict}", case.name)?;
    Ok(text)
}

fn show_call(text: &mut String, name: &str, done: Option<&Done>) -> Result<()> {
    let Some(Done { sent, outcome }) = done else {
        writeln!(text, "  {name}: no call")?;
        return Ok(());
    };
    write!(text, "  {name}: {}", outcome.kind)?;
    if let Some(token) = &outcome.token {
        write!(text, " {token}")?;
    }
    if let Some(time) = outcome.expires_on {
        write!(text, " until {time}")?;
    }
    writeln!(text, " {}", outcome.message)?;
    for Attempts { request, times, waits } in sent {
        write!(text, "    {times} x {}", request.line())?;
        match waits {
            Some(waits) => writeln!(text, " after {}", retries::list(waits))?,
            None => writeln!(text)?,
        }
        for (mark, parameters) in [("?", &request.query), ("=", &request.form)] {
            for (name, value) in parameters {
                writeln!(text, "        {mark} {name} = {value}")?;
            }
        }
        for (name, value) in &request.headers {
            writeln!(text, "        {name}: {value}")?;
        }
        for jwt in request.jwt.values() {
            writeln!(text, "        jwt {}", serde_json::to_string(jwt)?)?;
        }
    }
    Ok(())
}
