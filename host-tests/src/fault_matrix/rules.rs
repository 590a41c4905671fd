//! Rules that hold in every cell, independent of the golden tables.

use super::cell::{Cell, Recovery, SentRequest};
use super::fault_point::{Address, FaultPoint};
use super::faults::Fault;
use super::source::Source;
use crate::bindings::ErrorKind;
use crate::case::via::Via;
use std::collections::BTreeMap;
use std::time::Duration;

/// The rules that a cell violates, as messages.
pub fn violations(cell: &Cell, source: &Source, point: &FaultPoint, fault: &Fault) -> Vec<String> {
    let checks = [
        returns(cell),
        ends_before_the_deadline(cell, source),
        has_a_well_formed_message(cell),
        is_not_unavailable(cell, point),
        respects_retry_after(cell, point, fault),
        survives_transient_failures(cell, source, point, fault),
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

/// A retry, i.e. the next request to the same address, waits at least as long as `Retry-After` specifies.
fn respects_retry_after(cell: &Cell, point: &FaultPoint, fault: &Fault) -> Option<String> {
    let FaultPoint::Request(address) = point else { return None };
    let settings = fault.response()?;
    let retry_after = settings.headers.get("retry-after")?.parse().map(Duration::from_secs).ok()?;
    let sent = of_address(&cell.requests, address);
    let waits: Vec<_> = sent.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    // A fault that occurs once concerns the next request only; any other fault concerns all later ones.
    let count = if settings.times.is_some() { 1 } else { usize::MAX };
    let is_too_short = |wait: &Duration| *wait < retry_after;
    let wait = waits.iter().take(count).find(|wait| is_too_short(wait))?;
    let (specified, actual) = (retry_after.as_secs(), wait.as_secs_f64());
    Some(format!("Retry-After specifies {specified} s, and the retry waited {actual:.1} s"))
}

/// The request into which the fault is injected, and the later ones to the same address.
fn of_address<'a>(requests: &'a [SentRequest], address: &Address) -> Vec<&'a SentRequest> {
    let is_same = |sent: &&SentRequest| sent.authority == address.authority && sent.path == address.path;
    requests.iter().skip(address.index).filter(is_same).collect()
}

/// A transient failure does not reach the caller. A service that retries by itself is sent a request once: there the
/// component's policy is `retry::ONCE` (ARCHITECTURE §4).
fn survives_transient_failures(
    cell: &Cell,
    source: &Source,
    point: &FaultPoint,
    fault: &Fault,
) -> Option<String> {
    let FaultPoint::Request(address) = point else { return None };
    let settings = fault.response()?;
    let is_transient = settings.times == Some(1)
        && matches!(settings.status, Some(429 | 500 | 503 | 504))
        && settings.headers.is_empty()
        && settings.body.starts_with('{');
    let times = of_address(&cell.requests, address).len();
    match is_for_a_service_that_retries(&source.case.env, address) {
        _ if !is_transient => None,
        true => (times != 1).then(|| format!("a service that retries by itself was asked {times} times")),
        false => cell.error().map(|_| "a transient failure reached the caller".to_owned()),
    }
}

/// Whether the endpoint is that of Service Fabric's managed identity, whose variable for the certificate announces it.
fn is_for_a_service_that_retries(env: &BTreeMap<String, String>, address: &Address) -> bool {
    let value = |name: &str| env.get(name);
    let is_endpoint = |url: &str| url.split('/').nth(2) == Some(address.authority.as_str());
    value("IDENTITY_SERVER_THUMBPRINT").is_some()
        && value("IDENTITY_ENDPOINT").is_some_and(|url| is_endpoint(url))
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

#[cfg(test)]
mod tests {
    use super::super::faults::Injection;
    use super::*;
    use azure_simulator::settings::FaultSettings;

    /// Requests at these milliseconds, to a path of one host.
    fn journal(sent: &[(u64, &str)]) -> Vec<SentRequest> {
        let request = |(at, path): &(u64, &str)| SentRequest {
            at: Duration::from_millis(*at),
            authority: "h".to_owned(),
            path: (*path).to_owned(),
        };
        sent.iter().map(request).collect()
    }

    fn violation(sent: &[(u64, &str)], times: Option<u32>) -> Option<String> {
        let headers = [("retry-after".to_owned(), "3".to_owned())].into();
        let settings = FaultSettings { status: Some(429), headers, times, ..FaultSettings::default() };
        let fault = Fault { name: String::new(), injection: Injection::Response(Box::new(settings)) };
        let address = Address { authority: "h".to_owned(), path: "/token".to_owned(), after: 0, index: 0 };
        let cell = Cell {
            outcome: Err(String::new()),
            requests: journal(sent),
            took: Duration::ZERO,
            recovery: Recovery::SameCredential,
            violations: Vec::new(),
        };
        respects_retry_after(&cell, &FaultPoint::Request(address), &fault)
    }

    #[test]
    fn a_retry_that_ignores_retry_after_is_noticed_even_when_it_is_immediate() {
        for (second, waited) in [(0, "0.0"), (1, "0.0"), (2999, "3.0")] {
            let message = format!("Retry-After specifies 3 s, and the retry waited {waited} s");
            assert_eq!(violation(&[(0, "/token"), (second, "/token")], None), Some(message));
        }
    }

    #[test]
    fn a_retry_after_the_wait_and_a_request_to_another_address_are_right() {
        assert_eq!(violation(&[(0, "/token"), (3000, "/token")], None), None);
        assert_eq!(violation(&[(0, "/token"), (0, "/next")], None), None);
        // The second wait follows a response without the fault.
        assert_eq!(violation(&[(0, "/token"), (3000, "/token"), (3000, "/token")], Some(1)), None);
    }
}
