//! One case, ours beside theirs, for people.

use super::corpus::{Attempts, Case, Done};
use super::perform::perform;
use super::retries;
use super::verdict::Verdict;
use anyhow::Result;
use host_tests::edition::Edition;
use std::fmt::Write;

/// Tells a case: what surrounds it, what each SDK did, what we do, and the verdict.
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
    let ours = perform(case, edition)?;
    for (index, call) in case.calls.iter().enumerate() {
        writeln!(text, "\ncall {}: {}", index + 1, serde_json::to_string(call)?)?;
        for observed in &case.observed {
            tell(&mut text, &observed.sdk, observed.calls.get(index))?;
        }
        tell(&mut text, "ours", ours.as_ref().ok().and_then(|ours| ours.get(index)))?;
    }
    writeln!(text, "\n{} {verdict}", case.name)?;
    Ok(text)
}

fn tell(text: &mut String, who: &str, done: Option<&Done>) -> Result<()> {
    let Some(Done { sent, outcome }) = done else {
        writeln!(text, "  {who}: nothing")?;
        return Ok(());
    };
    write!(text, "  {who}: {}", outcome.kind)?;
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
