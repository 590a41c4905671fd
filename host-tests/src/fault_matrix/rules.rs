//! Rules that hold in every cell, independent of the golden tables.

use super::cell::{Cell, Recovery};
use super::fault_point::FaultPoint;
use super::faults::Fault;
use super::source::Source;
use crate::bindings::ErrorKind;
use crate::case::via::Via;
use std::time::Duration;

/// The rules that a cell violates, as messages.
pub fn violations(cell: &Cell, source: &Source, point: &FaultPoint, fault: &Fault) -> Vec<String> {
    let checks = [
        returns(cell),
        ends_before_the_deadline(cell, source),
        has_a_well_formed_message(cell),
        is_not_unavailable(cell, point),
        respects_retry_after(cell, point, fault),
        survives_transient_failures(cell, source, fault),
        recovers(cell, source),
    ];
    checks.into_iter().flatten().collect()
}

/// The call returns: it neither traps nor waits forever.
fn returns(cell: &Cell) -> Option<String> {
    cell.outcome.as_ref().err().map(|trap| format!("the call did not return: {trap}"))
}

/// A call ends within two minutes, its deadline (ARCHITECTURE §4). Waiting for a user lasts as long as the user's code
/// is valid.
fn ends_before_the_deadline(cell: &Cell, source: &Source) -> Option<String> {
    let deadline = if matches!(source.call().via, Via::BeginDeviceCode(_)) {
        CODE_LIFETIME + DEADLINE
    } else {
        DEADLINE
    };
    (cell.took > deadline).then(|| format!("the call took {:.1} s", cell.took.as_secs_f64()))
}

/// A message is one line, names its source, and has no final stop. The scan for secrets is separate: it covers
/// all visible text.
fn has_a_well_formed_message(cell: &Cell) -> Option<String> {
    let message = &cell.error()?.message;
    let is_one_line = !message.contains(char::is_control);
    let fine = is_one_line && message.contains(": ") && !message.ends_with('.') && message.len() < 2_000;
    (!fine).then(|| format!("a malformed message: {message}"))
}

/// Only a source that is not configured is `not-configured` (ARCHITECTURE §4). IMDS is the exception: nothing in the
/// environment announces it, so no response, or a response that is not from IMDS, means `not-configured` there.
fn is_not_unavailable(cell: &Cell, point: &FaultPoint) -> Option<String> {
    let is_announced = match point {
        FaultPoint::Request(address) => address.authority != "169.254.169.254",
        FaultPoint::Call | FaultPoint::File(_) => false,
    };
    let is_wrong = is_announced && cell.error()?.kind == ErrorKind::NotConfigured;
    is_wrong.then(|| "a configured source reports `not-configured`".to_owned())
}

/// A retry waits at least as long as `Retry-After` specifies.
fn respects_retry_after(cell: &Cell, point: &FaultPoint, fault: &Fault) -> Option<String> {
    let FaultPoint::Request(address) = point else { return None };
    let settings = fault.response()?;
    let retry_after = settings.headers.get("retry-after")?.parse().map(Duration::from_secs).ok()?;
    let waits: Vec<_> = cell.requests.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // A fault that occurs once concerns the next request only; any other fault concerns all later ones.
    let count = if settings.times.is_some() { 1 } else { usize::MAX };
    let is_too_short = |wait: &Duration| *wait < retry_after && !wait.is_zero();
    let wait = waits.iter().skip(address.index).take(count).find(|wait| is_too_short(wait))?;
    let (specified, actual) = (retry_after.as_secs(), wait.as_secs_f64());
    Some(format!("Retry-After specifies {specified} s, and the retry waited {actual:.1} s"))
}

/// A transient failure does not reach the caller. Service Fabric retries internally, so the component retries
/// none of its failures (ARCHITECTURE §4).
fn survives_transient_failures(cell: &Cell, source: &Source, fault: &Fault) -> Option<String> {
    let settings = fault.response()?;
    let is_transient = settings.times == Some(1)
        && matches!(settings.status, Some(429 | 500 | 503 | 504))
        && settings.headers.is_empty()
        && settings.body.starts_with('{');
    let is_failure =
        is_transient && cell.error().is_some() && source.label != "managed-identity/service-fabric";
    is_failure.then(|| "a transient failure reached the caller".to_owned())
}

/// The next call without a fault succeeds. A grant that can be redeemed once needs a new sign-in after a failure.
fn recovers(cell: &Cell, source: &Source) -> Option<String> {
    match &cell.recovery {
        Recovery::SameCredential => None,
        Recovery::NewCredential if source.is_single_use() => None,
        Recovery::NewCredential => Some("the credential does not recover".to_owned()),
        Recovery::None(reason) => Some(format!("the next call without a fault fails: {reason}")),
    }
}

const DEADLINE: Duration = Duration::from_secs(120);
const CODE_LIFETIME: Duration = Duration::from_secs(900);
