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
                // A gateway that got no response of the service (RFC 9110, sections 15.6.3 and 15.6.5), unless the
                // service itself reports an error with such a status.
                Ok(response) => {
                    let reported = || ServiceError::parse(response).unwrap_or_default();
                    !matches!(response.status, 502 | 504) || !reported().error.is_empty()
                }
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
mod tests;
