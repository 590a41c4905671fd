//! Retrying: the policy of each service, and the loop that follows it.

use crate::call_context::CallContext;
use crate::host::Host;
use crate::http::{HttpError, Request, Response, Timeouts};
use crate::prelude::*;
use crate::token_response::ServiceError;
use core::time::Duration;

/// How a request to a service is retried, and how long each attempt may take.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Whether a response with this status is retried.
    pub retries_status: fn(u16) -> bool,
    /// Whether the body of a response with another status reports that the service is busy.
    pub is_busy: fn(&Response) -> bool,
    /// The number of retries after responses.
    pub retries: u32,
    /// The number of retries after attempts without a response.
    pub network_retries: u32,
    /// The waits between attempts.
    pub backoff: Backoff,
    /// The waits after a response with the status 410, by which IMDS reports that it is being updated.
    pub update_backoff: Backoff,
    /// The time to connect.
    pub connect: Duration,
    /// The time from then to the first byte of the response.
    pub first_byte: Duration,
}

/// Exponential backoff, for responses that do not say when to retry.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The wait before the first retry. It doubles with each further retry.
    pub base: Duration,
    /// Whether the first retry is sent at once, as in azure-identity for Python: most first failures are
    /// transient.
    pub is_first_immediate: bool,
}

impl Backoff {
    /// The wait before a retry; `retry` counts from zero.
    fn wait(&self, retry: u32, host: &dyn Host) -> Duration {
        if retry == 0 && self.is_first_immediate {
            return Duration::ZERO;
        }
        jitter(self.base.saturating_mul(2_u32.saturating_pow(retry)), host)
    }
}

/// Microsoft Entra, as azure-identity for Python.
pub const ENTRA: Policy = Policy {
    retries_status: |status| matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
    is_busy: |response| ServiceError::parse(response).is_some_and(|reported| reported.is_busy()),
    retries: 3,
    network_retries: 3,
    backoff: Backoff { base: Duration::from_millis(800), is_first_immediate: true },
    update_backoff: Backoff { base: Duration::from_millis(800), is_first_immediate: true },
    connect: Duration::from_secs(5),
    first_byte: Duration::from_secs(30),
};

/// IMDS on its own. It also responds with 404 while it starts and with 410 while it is updated (Microsoft
/// Learn, "How to use managed identities … to acquire an access token", error handling).
pub const IMDS: Policy = Policy {
    retries_status: |status| matches!(status, 404 | 408 | 410 | 429 | 500..=599),
    retries: 5,
    // An update takes up to 70 s. Five waits from 3 s on are longer, with every jitter.
    update_backoff: Backoff { base: Duration::from_secs(3), is_first_immediate: false },
    connect: Duration::from_secs(2),
    ..ENTRA
};

/// IMDS in a chain that is still searching. No configuration says that there is an IMDS, so a missing
/// response and a response unlike one of IMDS are not retried.
pub const IMDS_IN_CHAIN: Policy = Policy {
    retries_status: |status| matches!(status, 408 | 410 | 429 | 500..=599),
    network_retries: 0,
    connect: Duration::from_secs(1),
    first_byte: Duration::from_secs(10),
    ..IMDS
};

/// The endpoints that a managed host names in its variables: App Service, Azure Arc, Azure ML, Cloud Shell.
/// Statuses and number of retries are those of the Azure SDKs. The endpoint is on the same machine, so it is
/// connected to quickly.
pub const NAMED_ENDPOINT: Policy = Policy { connect: Duration::from_secs(2), ..ENTRA };

/// Service Fabric, which retries by itself (as the Azure SDKs).
pub const ONCE: Policy = Policy { retries: 0, network_retries: 0, ..NAMED_ENDPOINT };

/// Sends a request, and retries it by the policy and within the call's deadline.
///
/// Returns the last response, with any status. A wait that would pass the deadline is not begun.
///
/// # Errors
/// The error of the last attempt, when it had no response.
#[maybe_async]
pub async fn send(call: &CallContext<'_>, policy: &Policy, request: &Request) -> Outcome {
    send_unless(call, policy, request, |_| false).await
}

/// As [`send`], but a response that `is_final` is not retried.
///
/// # Errors
/// As [`send`].
#[maybe_async]
pub async fn send_unless(
    call: &CallContext<'_>,
    policy: &Policy,
    request: &Request,
    is_final: fn(&Response) -> bool,
) -> Outcome {
    let mut attempts = Attempts::new(*policy, Repetition::Always);
    loop {
        let outcome = attempts.send(call, request).await;
        if outcome.as_ref().is_ok_and(is_final) || !attempts.wait(call, &outcome).await {
            return outcome;
        }
    }
}

/// The outcome of an attempt.
pub type Outcome = Result<Response, HttpError>;

/// Whether a request may be sent again (RFC 9110, section 9.2.2; docs/decisions.md has the decision for each grant).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// After every attempt that the policy retries: the same request has the same effect once and twice.
    Always,
    /// Unless the service may have served it and its response was lost: it accepts what was sent once.
    UnlessServed,
    /// Never: the caller sends it again, at a time of its own.
    Never,
}

/// The attempts of a request. The caller makes the request of each attempt, because some of its contents are valid
/// for one request alone.
pub struct Attempts {
    policy: Policy,
    repetition: Repetition,
    /// The number of retries so far.
    retry: u32,
}

impl Attempts {
    /// No attempt so far.
    pub fn new(policy: Policy, repetition: Repetition) -> Self {
        Self { policy, repetition, retry: 0 }
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// When there is no response.
    #[maybe_async]
    pub async fn send(&self, call: &CallContext<'_>, request: &Request) -> Outcome {
        call.host.send(request, self.policy.timeouts(call.remaining())).await
    }

    /// Waits until the next attempt is due. Returns whether there is one after this outcome.
    #[maybe_async]
    pub async fn wait(&mut self, call: &CallContext<'_>, outcome: &Outcome) -> bool {
        let wait = match outcome {
            _ if !self.may_repeat(outcome) => None,
            Ok(response) => self.policy.wait_after_response(response, self.retry, call.host),
            Err(error) => self.policy.wait_after_error(*error, self.retry, call.host),
        };
        // A wait must leave time for the attempt after it.
        let Some(wait) = wait.filter(|wait| call.may_retry && *wait < call.remaining()) else {
            return false;
        };
        call.host.sleep(wait).await;
        self.retry = self.retry.saturating_add(1);
        true
    }

    fn may_repeat(&self, outcome: &Outcome) -> bool {
        match self.repetition {
            Repetition::Always => true,
            Repetition::UnlessServed => match outcome {
                // A gateway that got no response of the service (RFC 9110, sections 15.6.3 and 15.6.5).
                Ok(response) => !matches!(response.status, 502 | 504),
                Err(error) => !error.may_be_served(),
            },
            Repetition::Never => false,
        }
    }
}

impl Policy {
    /// The wait before the response's request is sent again; `None`: it is not.
    fn wait_after_response(&self, response: &Response, retry: u32, host: &dyn Host) -> Option<Duration> {
        let status = response.status;
        let is_retried = (self.retries_status)(status) || (status != 200 && (self.is_busy)(response));
        if retry >= self.retries || !is_retried {
            return None;
        }
        let backoff = match status {
            410 => self.update_backoff,
            // The service asks for fewer requests, so none follows at once.
            429 => Backoff { is_first_immediate: false, ..self.backoff },
            _ => self.backoff,
        };
        Some(retry_after(response, host.now()).unwrap_or_else(|| backoff.wait(retry, host)))
    }

    /// The wait before a request without a response is sent again; `None`: it is not.
    fn wait_after_error(&self, error: HttpError, retry: u32, host: &dyn Host) -> Option<Duration> {
        (retry < self.network_retries && error.is_transient()).then(|| self.backoff.wait(retry, host))
    }

    /// The timeouts of an attempt with so much time left.
    fn timeouts(&self, remaining: Duration) -> Timeouts {
        Timeouts {
            connect: self.connect.min(remaining),
            first_byte: self.first_byte.min(remaining),
            total: self.connect.saturating_add(self.first_byte).min(remaining),
        }
    }
}

/// The wait that a response asks for; see [`azure_token_rules::retry::retry_after`].
pub fn retry_after(response: &Response, now: u64) -> Option<Duration> {
    azure_token_rules::retry::retry_after(|name| response.header(name), now)
}

/// A random wait of four fifths of `wait` to all of it, so that instances that failed together do not retry
/// together.
fn jitter(wait: Duration, host: &dyn Host) -> Duration {
    let mut random = [0; 1];
    host.fill_random(&mut random);
    let [random] = random;
    let numerator = 1024_u32.saturating_add(u32::from(random));
    wait.saturating_mul(numerator).checked_div(1280).unwrap_or(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::host::fake::FakeHost;
    use crate::http::{Body, Url};

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Response { status, headers, body: Body(Vec::new()) }
    }

    fn retry(host: &FakeHost, policy: &Policy) -> Result<u16, HttpError> {
        let request = Request::get(Url::parse("https://service.example").expect("an address"));
        run(send(&CallContext::new(host), policy, &request)).map(|response| response.status)
    }

    #[test]
    fn a_request_to_entra_is_sent_four_times_with_doubling_waits() {
        let host = FakeHost::new().respond(Ok(response(503, &[])));
        assert_eq!(retry(&host, &ENTRA), Ok(503));
        assert_eq!(host.request_count(), 4);
        for (wait, longest) in host.sleeps().iter().zip([0, 1600, 3200]) {
            let longest = Duration::from_millis(longest);
            assert!(*wait <= longest && *wait >= longest * 4 / 5, "{wait:?} of {longest:?}");
        }
    }

    #[test]
    fn a_request_to_imds_is_retried_through_an_update_of_70_seconds() {
        let host = FakeHost::new().respond(Ok(response(410, &[])));
        assert_eq!(retry(&host, &IMDS), Ok(410));
        assert_eq!(host.request_count(), 6);
        assert!(host.sleeps().iter().sum::<Duration>() > Duration::from_secs(70));
    }

    #[test]
    fn a_response_with_another_status_is_not_retried() {
        for status in [200, 302, 400, 401, 403, 404, 501] {
            let host = FakeHost::new().respond(Ok(response(status, &[])));
            assert_eq!((retry(&host, &ENTRA), host.request_count()), (Ok(status), 1));
        }
    }

    #[test]
    fn a_wait_past_the_deadline_is_not_begun() {
        let host = FakeHost::new().respond(Ok(response(429, &[("retry-after", "18446744073709551615")])));
        assert_eq!((retry(&host, &ENTRA), host.request_count()), (Ok(429), 1));
        assert_eq!(host.sleeps(), []);
    }

    #[test]
    fn a_service_that_asks_for_fewer_requests_is_not_asked_again_at_once() {
        let host = FakeHost::new().respond(Ok(response(429, &[])));
        assert_eq!(retry(&host, &ENTRA), Ok(429));
        let shortest = host.sleeps().into_iter().min();
        assert!(shortest >= Some(Duration::from_millis(640)), "{shortest:?}");
    }

    #[test]
    fn a_busy_service_is_asked_again_whatever_the_status() {
        for (error, requests) in [("temporarily_unavailable", 4), ("invalid_request", 1)] {
            let body = Body(format!(r#"{{"error": "{error}"}}"#).into_bytes());
            let host = FakeHost::new().respond(Ok(Response { body, ..response(400, &[]) }));
            assert_eq!((retry(&host, &ENTRA), host.request_count()), (Ok(400), requests), "{error}");
        }
    }

    #[test]
    fn what_is_accepted_once_is_sent_again_when_it_was_not_served_alone() {
        for (outcome, repetition, is_repeated) in [
            (Err(HttpError::Interrupted), Repetition::Always, true),
            (Err(HttpError::Interrupted), Repetition::UnlessServed, false),
            (Err(HttpError::TimedOut), Repetition::UnlessServed, false),
            (Ok(response(504, &[])), Repetition::UnlessServed, false),
            (Ok(response(502, &[])), Repetition::UnlessServed, false),
            (Err(HttpError::Refused), Repetition::UnlessServed, true),
            (Err(HttpError::Tls), Repetition::UnlessServed, true),
            (Ok(response(503, &[])), Repetition::UnlessServed, true),
            (Ok(response(429, &[])), Repetition::UnlessServed, true),
            (Err(HttpError::Refused), Repetition::Never, false),
            (Ok(response(503, &[])), Repetition::Never, false),
        ] {
            let mut attempts = Attempts::new(ENTRA, repetition);
            let waited = run(attempts.wait(&CallContext::new(&FakeHost::new()), &outcome));
            assert_eq!(waited, is_repeated, "{outcome:?} {repetition:?}");
        }
    }

    #[test]
    fn only_transient_errors_are_retried() {
        for (error, requests) in [
            (HttpError::Refused, 4),
            (HttpError::TimedOut, 4),
            (HttpError::Interrupted, 4),
            (HttpError::Denied, 1),
            (HttpError::TooLarge, 1),
            (HttpError::Request, 1),
        ] {
            let host = FakeHost::new().respond(Err(error));
            assert_eq!((retry(&host, &ENTRA), host.request_count()), (Err(error), requests));
        }
    }
}
