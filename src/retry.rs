//! The one table of retries, and the loop that follows it.

use crate::call_context::CallContext;
use crate::dates;
use crate::http::{HttpError, Request, Response, Timeouts};
use crate::prelude::*;
use core::time::Duration;

/// How often and how long a service is asked.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Whether a status is worth another attempt.
    pub retries_status: fn(u16) -> bool,
    /// Attempts after the first, when the server answers.
    pub retries: u32,
    /// Attempts after the first, when it does not.
    pub network_retries: u32,
    /// What the waits are multiples of: none, then twice, four times … of it. A fifth, at most, is taken off
    /// by chance.
    pub backoff: Duration,
    /// To reach the server.
    pub connect: Duration,
    /// From then to the first byte.
    pub first_byte: Duration,
}

/// Microsoft Entra, as azure-identity for Python.
pub const ENTRA: Policy = Policy {
    retries_status: |status| matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
    retries: 3,
    network_retries: 3,
    backoff: Duration::from_millis(800),
    connect: Duration::from_secs(5),
    first_byte: Duration::from_secs(30),
};

/// IMDS, asked alone. It also answers 404 while it starts and 410 while it updates
/// (Microsoft Learn, "How to use managed identities … to acquire an access token", error handling).
pub const IMDS: Policy = Policy {
    retries_status: |status| matches!(status, 404 | 408 | 410 | 429 | 500..=599),
    retries: 5,
    connect: Duration::from_secs(2),
    ..ENTRA
};

/// IMDS in a chain that has not settled on it: nothing says that there is one, so whoever does not
/// answer like IMDS at once is not waited for.
pub const IMDS_IN_CHAIN: Policy = Policy {
    retries_status: |status| matches!(status, 408 | 410 | 429 | 500..=599),
    network_retries: 0,
    connect: Duration::from_secs(1),
    first_byte: Duration::from_secs(10),
    ..IMDS
};

/// The endpoints that a host names in its variables: App Service, Azure Arc, Azure ML, Cloud Shell.
/// Statuses and number as the Azure SDKs; the endpoint is on this machine, so it is near.
pub const NAMED_ENDPOINT: Policy = Policy { connect: Duration::from_secs(2), ..ENTRA };

/// Service Fabric, which retries by itself (as the Azure SDKs).
pub const ONCE: Policy = Policy { retries: 0, network_retries: 0, ..NAMED_ENDPOINT };

/// Sends a request until it is answered for good, by the policy and within the call's deadline.
///
/// Returns the last answer, whatever its status. A wait that would pass the deadline is not begun.
///
/// # Errors
/// The last attempt's, when nobody answered it.
#[maybe_async]
pub async fn send(call: &CallContext<'_>, policy: &Policy, request: &Request) -> Result<Response, HttpError> {
    send_unless(call, policy, request, |_| false).await
}

/// As [`send`], but an answer that `is_final` recognises is not asked for again.
///
/// # Errors
/// As [`send`].
#[maybe_async]
pub async fn send_unless(
    call: &CallContext<'_>,
    policy: &Policy,
    request: &Request,
    is_final: fn(&Response) -> bool,
) -> Result<Response, HttpError> {
    let mut attempt: u32 = 0;
    loop {
        let outcome = call.host.send(request, timeouts(call, policy)).await;
        let wait = match &outcome {
            Ok(response) if (policy.retries_status)(response.status) && !is_final(response) => {
                (attempt < policy.retries).then(|| {
                    retry_after(response, call.host.now())
                        .unwrap_or_else(|| backoff(call, policy, response.status, attempt))
                })
            }
            Err(error) if error.is_transient() => {
                (attempt < policy.network_retries).then(|| backoff(call, policy, 0, attempt))
            }
            _ => None,
        };
        match wait {
            // As long as something is left for the attempt itself.
            Some(wait) if call.may_retry && wait < call.remaining() => call.host.sleep(wait).await,
            _ => return outcome,
        }
        attempt = attempt.saturating_add(1);
    }
}

/// How long the server wants to be left alone: `retry-after-ms` and `x-ms-retry-after-ms` in
/// milliseconds, `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). `None`: it does
/// not say, or nonsense.
pub fn retry_after(response: &Response, now: u64) -> Option<Duration> {
    let milliseconds = |name| Some(Duration::from_millis(response.header(name)?.trim().parse().ok()?));
    milliseconds("retry-after-ms").or_else(|| milliseconds("x-ms-retry-after-ms")).or_else(|| {
        let value = response.header("retry-after")?.trim();
        let seconds = value.parse().ok();
        let seconds = seconds.or_else(|| Some(dates::parse_http(value)?.saturating_sub(now)));
        seconds.map(Duration::from_secs)
    })
}

fn timeouts(call: &CallContext<'_>, policy: &Policy) -> Timeouts {
    let total = call.remaining();
    Timeouts {
        connect: policy.connect.min(total),
        first_byte: policy.first_byte.min(total),
        total: policy.connect.saturating_add(policy.first_byte).min(total),
    }
}

fn backoff(call: &CallContext<'_>, policy: &Policy, status: u16, attempt: u32) -> Duration {
    // IMDS updates for up to 70 s; five waits from 3 s on pass that even with all chance against them.
    let first = if status == 410 { Duration::from_secs(3) } else { policy.backoff };
    // As azure-identity for Python: the first failure is most often a passing one, so the second attempt
    // is made at once; a service that wants to be left alone says `Retry-After`.
    if attempt == 0 && status != 410 {
        return Duration::ZERO;
    }
    let longest = first.saturating_mul(2_u32.saturating_pow(attempt));
    let mut chance = [0; 1];
    call.host.fill_random(&mut chance);
    let [chance] = chance;
    // 4/5 … 5/5 of the longest wait, so that instances that failed together do not return together.
    let fifths_of_256 = 1024_u32.saturating_add(u32::from(chance));
    longest.saturating_mul(fifths_of_256).checked_div(1280).unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::FakeHost;
    use crate::http::{Body, Url};

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Response { status, headers, body: Body(Vec::new()) }
    }

    fn retry(host: &FakeHost, policy: &Policy) -> Result<u16, HttpError> {
        let request = Request::get(Url::parse("https://service.example").expect("an address"));
        let outcome =
            crate::call_context::run(async { send(&CallContext::alone(host), policy, &request).await });
        outcome.map(|response| response.status)
    }

    #[test]
    fn every_way_to_say_retry_after_is_understood() {
        let now = 784_111_777;
        for (header, value, expected) in [
            ("retry-after", "11", Some(11_000)),
            ("retry-after", "0", Some(0)),
            ("retry-after", "Sun, 06 Nov 1994 08:50:00 GMT", Some(23_000)),
            ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("retry-after", "18446744073709551615", Some(u64::MAX)),
            ("retry-after", "soon", None),
            ("retry-after", "-1", None),
            ("retry-after-ms", "2500", Some(2_500)),
            ("x-ms-retry-after-ms", "2500", Some(2_500)),
        ] {
            let expected = expected.map(|ms: u64| {
                if ms == u64::MAX { Duration::from_secs(ms) } else { Duration::from_millis(ms) }
            });
            assert_eq!(retry_after(&answer(429, &[(header, value)]), now), expected, "{header}: {value}");
        }
        let both = answer(429, &[("retry-after", "9"), ("x-ms-retry-after-ms", "2500")]);
        assert_eq!(retry_after(&both, now), Some(Duration::from_millis(2500)));
    }

    #[test]
    fn entra_is_asked_four_times_with_doubling_waits() {
        let host = FakeHost::new().answers(Ok(answer(503, &[])));
        assert_eq!(retry(&host, &ENTRA), Ok(503));
        assert_eq!(host.request_count(), 4);
        for (wait, longest) in host.waits().iter().zip([0, 1600, 3200]) {
            let longest = Duration::from_millis(longest);
            assert!(*wait <= longest && *wait >= longest * 4 / 5, "{wait:?} of {longest:?}");
        }
    }

    #[test]
    fn imds_is_waited_for_through_an_update_of_70_seconds() {
        let host = FakeHost::new().answers(Ok(answer(410, &[])));
        assert_eq!(retry(&host, &IMDS), Ok(410));
        assert_eq!(host.request_count(), 6);
        assert!(host.waits().iter().sum::<Duration>() > Duration::from_secs(70));
    }

    #[test]
    fn an_answer_that_is_no_failure_is_not_asked_for_again() {
        for status in [200, 302, 400, 401, 403, 404, 501] {
            let host = FakeHost::new().answers(Ok(answer(status, &[])));
            assert_eq!((retry(&host, &ENTRA), host.request_count()), (Ok(status), 1));
        }
    }

    #[test]
    fn a_wait_past_the_deadline_is_an_answer_at_once() {
        let host = FakeHost::new().answers(Ok(answer(429, &[("retry-after", "18446744073709551615")])));
        assert_eq!((retry(&host, &ENTRA), host.request_count()), (Ok(429), 1));
        assert_eq!(host.waits(), []);
    }

    #[test]
    fn only_failures_that_may_pass_are_tried_again() {
        for (error, requests) in [
            (HttpError::Refused, 4),
            (HttpError::TimedOut, 4),
            (HttpError::Interrupted, 4),
            (HttpError::Denied, 1),
            (HttpError::TooLarge, 1),
            (HttpError::Request, 1),
        ] {
            let host = FakeHost::new().answers(Err(error));
            assert_eq!((retry(&host, &ENTRA), host.request_count()), (Err(error), requests));
        }
    }
}
