//! What holds in every cell, whatever the golden tables say.

use super::cell::{Cell, Next};
use super::faults::Fault;
use super::source::{Leg, Source};
use crate::bindings::{CredentialError, ErrorKind};
use crate::case::via::Via;
use std::time::Duration;

/// The rules that a cell breaks, for people.
pub fn broken_by(cell: &Cell, source: &Source, leg: &Leg, fault: &Fault) -> Vec<String> {
    let checks = [
        returns(cell),
        ends_in_time(cell, source),
        is_told_well(cell),
        is_available(cell, leg),
        waits_as_long_as_told(cell, leg, fault),
        survives_what_passes(cell, source, fault),
        recovers(cell, source),
    ];
    checks.into_iter().flatten().collect()
}

/// No trap, and an end.
fn returns(cell: &Cell) -> Option<String> {
    cell.outcome.as_ref().err().map(|trap| format!("no value came back: {trap}"))
}

/// ARCHITECTURE §4: a wait past the call's deadline, two minutes, is not begun. Whoever waits for a user waits as
/// long as the user's code lives.
fn ends_in_time(cell: &Cell, source: &Source) -> Option<String> {
    let longest =
        if matches!(source.call().via, Via::DeviceCode(_)) { CODE_LIVES + LONGEST } else { LONGEST };
    (cell.took > longest).then(|| format!("it took {:.1} s", cell.took.as_secs_f64()))
}

/// One line, from whom it is, without a final stop; that it holds no secret is checked with all that people
/// see.
fn is_told_well(cell: &Cell) -> Option<String> {
    let message = &error(cell)?.message;
    let is_one_line = !message.contains(char::is_control);
    let fine = is_one_line && message.contains(": ") && !message.ends_with('.') && message.len() < 2_000;
    (!fine).then(|| format!("a message that is none: {message}"))
}

/// ARCHITECTURE §4: only what is not configured is `unavailable`. Nothing configures IMDS, so there alone nobody's
/// answer, or another's than IMDS's, means that.
fn is_available(cell: &Cell, leg: &Leg) -> Option<String> {
    let is_announced = match leg {
        Leg::Request(address) => address.authority != "169.254.169.254",
        Leg::Call | Leg::File(_) => false,
    };
    let is_wrong = is_announced && error(cell)?.kind == ErrorKind::Unavailable;
    is_wrong.then(|| "a source that is configured says that it is not".to_owned())
}

/// Between two requests lies what `Retry-After` asks for.
fn waits_as_long_as_told(cell: &Cell, leg: &Leg, fault: &Fault) -> Option<String> {
    let Leg::Request(address) = leg else { return None };
    let settings = fault.answer()?;
    let told = settings.headers.get("retry-after")?.parse().map(Duration::from_secs).ok()?;
    let retries: Vec<_> = cell.requests.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // Of one that fails once, the request behind it; of the others, every one.
    let count = if settings.times.is_some() { 1 } else { usize::MAX };
    let is_hasty = |wait: &Duration| *wait < told && !wait.is_zero();
    let first = retries.iter().skip(address.index).take(count).find(|wait| is_hasty(wait))?;
    Some(format!("Retry-After says {} s, and it waited {:.1} s", told.as_secs(), first.as_secs_f64()))
}

/// A failure that passes is not the caller's affair. Service Fabric retries by itself (ARCHITECTURE §4 has the
/// number of its retries: none).
fn survives_what_passes(cell: &Cell, source: &Source, fault: &Fault) -> Option<String> {
    let settings = fault.answer()?;
    let passes = settings.times == Some(1)
        && matches!(settings.status, Some(429 | 500 | 503 | 504))
        && settings.headers.is_empty()
        && settings.body.starts_with('{');
    let is_failure = passes && error(cell).is_some() && source.label != "managed-identity/service-fabric";
    is_failure.then(|| "a failure that passes at once reached the caller".to_owned())
}

/// The next good call succeeds. Codes can be redeemed once: after a failure their users sign in again.
fn recovers(cell: &Cell, source: &Source) -> Option<String> {
    match &cell.next {
        Next::Token => None,
        Next::TokenMadeAnew if source.works_once() => None,
        Next::TokenMadeAnew => Some("its credential does not recover".to_owned()),
        Next::Nothing(why) => Some(format!("the next good call fails: {why}")),
    }
}

fn error(cell: &Cell) -> Option<&CredentialError> {
    cell.outcome.as_ref().ok()?.as_ref().err()
}

const LONGEST: Duration = Duration::from_secs(120);
const CODE_LIVES: Duration = Duration::from_secs(900);
