//! Throttling: a service that asks for a wait gets no further request of the same kind until the wait is over. Callers
//! get the earlier error, with the wait that remains.
//!
//! It is the rule of MSAL (`throttled_http_client.py`, `ThrottlingUtils.ts`), for responses that state the wait. MSAL also
//! repeats a 429 or 5xx without `Retry-After` for 5 or 60 seconds, and a 400 for 60. Here those are not remembered, so that the
//! next call shows whether their cause was removed.

use crate::error::{ErrorRecord, ServiceResponse};
use crate::retry;
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

/// The errors of services that asked for a wait, each until its wait is over. At most [`MAX_ENTRIES`].
///
/// `K` identifies a kind of request. MSAL's key is the endpoint with its tenant, the client's id, the scopes and the user;
/// of a managed identity's request it is the whole URL. Claims are no part of it: a claims challenge does not end a wait.
/// `V` is what a caller gets meanwhile.
#[derive(Debug)]
pub struct Throttled<K, V>(Vec<Entry<K, V>>);

#[derive(Debug)]
struct Entry<K, V> {
    key: K,
    value: V,
    /// When the wait is over, by the monotonic clock.
    until: Duration,
}

impl<K, V> Default for Throttled<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq, V> Throttled<K, V> {
    /// What is remembered for a key, and the wait that remains; `None`: a request may be sent. `elapsed` is the monotonic
    /// clock's time since any fixed point.
    pub fn get(&self, key: &K, elapsed: Duration) -> Option<(&V, Duration)> {
        let entry = self.0.iter().find(|entry| entry.key == *key && entry.until > elapsed)?;
        Some((&entry.value, entry.until.saturating_sub(elapsed)))
    }

    /// Whether nothing is remembered.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Remembers a value for `wait`, in place of an earlier one with the same key. If there are too many, those whose wait
    /// ends first are dropped.
    pub fn remember(&mut self, key: K, value: V, wait: Duration, elapsed: Duration) {
        let first = self.0.iter().map(|entry| entry.until).min().filter(|_| self.0.len() >= MAX_ENTRIES);
        self.0.retain(|entry| {
            entry.key != key && entry.until > elapsed && first.is_none_or(|first| entry.until > first)
        });
        self.0.push(Entry { key, value, until: elapsed.saturating_add(wait) });
    }
}

/// For how long a response is remembered: the wait that it asks for, at most [`MAX_WAIT`]; `None`: it is not, because it
/// asks for none or is no failure.
pub fn wait_of(response: &ServiceResponse) -> Option<Duration> {
    let wait = Duration::from_secs(response.retry_after?.into()).min(MAX_WAIT);
    (response.status >= 400 && !wait.is_zero()).then_some(wait)
}

/// An error as a caller gets it while its wait lasts: with `remaining` as the wait, also in its message.
pub fn repeated<Source: Clone>(error: &ErrorRecord<Source>, remaining: Duration) -> ErrorRecord<Source> {
    let mut repeated = error.clone();
    let mut earlier = remaining;
    if let Some(response) = &mut repeated.response {
        let seconds = response.retry_after.replace(retry::whole_seconds(remaining)).unwrap_or_default();
        earlier = Duration::from_secs(seconds.into());
    }
    let (hint, earlier) = (retry::hint(remaining), retry::hint(earlier));
    // The error of a cache below this one may have been repeated already.
    let message = error.message.strip_suffix(NOT_SENT).unwrap_or(&error.message);
    repeated.message = match message.split_once(&*earlier) {
        Some((before, after)) => format!("{before}{hint}{after}{NOT_SENT}"),
        None => format!("{message}; {hint}{NOT_SENT}"),
    };
    repeated
}

/// The number of remembered errors, at most (as in MSAL for Python).
pub const MAX_ENTRIES: usize = 1024;
/// The longest wait that is remembered (as in MSAL).
pub const MAX_WAIT: Duration = Duration::from_secs(3600);
const NOT_SENT: &str = " (the response to an earlier request: none is sent before)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn response(status: u16, retry_after: Option<u32>) -> ServiceResponse {
        ServiceResponse { status, retry_after, ..Default::default() }
    }

    #[test]
    fn an_error_is_remembered_until_its_wait_is_over() {
        let mut throttled = Throttled::default();
        throttled.remember("key", "error", seconds(30), seconds(100));
        for (elapsed, remaining) in [(100, Some(30)), (129, Some(1)), (130, None), (u64::MAX, None)] {
            let expected = remaining.map(|remaining| (&"error", seconds(remaining)));
            assert_eq!(throttled.get(&"key", seconds(elapsed)), expected, "at {elapsed}");
        }
        assert_eq!(throttled.get(&"another", seconds(100)), None);
    }

    #[test]
    fn a_later_error_replaces_an_earlier_one_of_the_same_key() {
        let mut throttled = Throttled::default();
        throttled.remember("key", "earlier", seconds(30), seconds(0));
        throttled.remember("key", "later", seconds(5), seconds(1));
        assert_eq!(throttled.get(&"key", seconds(1)), Some((&"later", seconds(5))));
        assert_eq!(throttled.get(&"key", seconds(6)), None, "the earlier one is gone");
    }

    #[test]
    fn a_response_is_remembered_if_it_is_a_failure_that_asks_for_a_wait_and_for_an_hour_at_most() {
        for (status, retry_after, expected) in [
            (429, Some(30), Some(30)),
            (503, Some(1), Some(1)),
            (400, Some(7), Some(7)),
            (429, Some(u32::MAX), Some(3600)),
            (429, Some(0), None),
            (429, None, None),
            (200, Some(30), None),
            (302, Some(30), None),
        ] {
            let wait = wait_of(&response(status, retry_after));
            assert_eq!(wait, expected.map(seconds), "{status} {retry_after:?}");
        }
    }

    #[test]
    fn the_remembered_errors_are_bounded_and_those_whose_wait_ends_first_are_dropped() {
        let mut throttled = Throttled::default();
        let count = MAX_ENTRIES as u64;
        for key in 0..count {
            throttled.remember(key, (), seconds(1000 + key), seconds(0));
        }
        throttled.remember(count, (), seconds(1), seconds(0));
        assert_eq!(throttled.0.len(), MAX_ENTRIES);
        assert_eq!(throttled.get(&0, seconds(0)), None);
        assert!(throttled.get(&1, seconds(0)).is_some() && throttled.get(&count, seconds(0)).is_some());
        throttled.remember(count + 1, (), seconds(1), seconds(5000));
        assert_eq!(throttled.0.len(), 1, "what is over is dropped first");
    }

    #[test]
    fn a_repeated_error_has_the_wait_that_remains() {
        let mut error: ErrorRecord =
            ErrorRecord::new(ErrorKind::Transient, "test", &"429 busy; try again after 30 s; ask for less");
        error.response = Some(response(429, Some(30)));
        let once = repeated(&error, Duration::from_millis(11_500));
        assert_eq!(
            once.message,
            "test: 429 busy; try again after 12 s; ask for less (the response to an earlier request: none is sent before)"
        );
        assert_eq!((once.kind, &once.response), (ErrorKind::Transient, &Some(response(429, Some(12)))));
        assert_eq!(repeated(&once, seconds(3)).message, once.message.replace("12 s", "3 s"));
    }

    #[test]
    fn a_repeated_error_names_the_wait_that_its_message_did_not_name() {
        let mut error: ErrorRecord = ErrorRecord::new(ErrorKind::AuthenticationFailed, "test", &"400 no");
        error.response = Some(response(400, Some(7)));
        assert_eq!(
            repeated(&error, seconds(3)).message,
            "test: 400 no; try again after 3 s (the response to an earlier request: none is sent before)"
        );
    }
}
