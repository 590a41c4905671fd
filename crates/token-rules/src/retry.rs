//! How long a service asks not to be called again.

use crate::dates;
use alloc::format;
use alloc::string::String;
use core::time::Duration;

/// The wait that a response's headers ask for: `retry-after-ms` and `x-ms-retry-after-ms` in milliseconds,
/// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). `header` returns the value of the header of that
/// name, which is in lower case; `now` is in seconds since the Unix epoch. `None`: there is no such header, or none
/// that makes sense.
///
/// The wait is unbounded. The caller compares it with its deadline, and does not begin one that would pass it.
pub fn retry_after<'a>(header: impl Fn(&str) -> Option<&'a str>, now: u64) -> Option<Duration> {
    let milliseconds = |name: &str| Some(Duration::from_millis(header(name)?.trim().parse().ok()?));
    milliseconds("retry-after-ms").or_else(|| milliseconds("x-ms-retry-after-ms")).or_else(|| {
        let value = header("retry-after")?.trim();
        let seconds = value.parse().ok();
        let seconds = seconds.or_else(|| Some(dates::parse_http(value, now)?.saturating_sub(now)));
        seconds.map(Duration::from_secs)
    })
}

/// What a message says of a wait: `try again after 12 s`, rounded up.
pub fn hint(wait: Duration) -> String {
    format!("try again after {} s", whole_seconds(wait))
}

/// A wait in seconds, rounded up.
pub fn whole_seconds(wait: Duration) -> u32 {
    let whole = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    u32::try_from(whole).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The wait of a response that has these headers.
    fn wait(headers: &[(&str, &str)]) -> Option<Duration> {
        let header = |name: &str| headers.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        retry_after(header, 784_111_777)
    }

    #[test]
    fn every_form_of_retry_after_is_read() {
        for (header, value, expected) in [
            ("retry-after", "11", Some(Duration::from_secs(11))),
            ("retry-after", "0", Some(Duration::ZERO)),
            ("retry-after", "Sun, 06 Nov 1994 08:50:00 GMT", Some(Duration::from_secs(23))),
            ("retry-after", "Sunday, 06-Nov-94 08:50:00 GMT", Some(Duration::from_secs(23))),
            ("retry-after", "Sun Nov  6 08:50:00 1994", Some(Duration::from_secs(23))),
            ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT", Some(Duration::ZERO)),
            ("retry-after", "18446744073709551615", Some(Duration::from_secs(u64::MAX))),
            ("retry-after", "soon", None),
            ("retry-after", "-1", None),
            ("retry-after-ms", "2500", Some(Duration::from_millis(2500))),
            ("x-ms-retry-after-ms", "2500", Some(Duration::from_millis(2500))),
        ] {
            assert_eq!(wait(&[(header, value)]), expected, "{header}: {value}");
        }
    }

    #[test]
    fn a_wait_is_named_in_whole_seconds_none_of_them_too_few() {
        for (wait, expected) in [
            (Duration::from_secs(11), "try again after 11 s"),
            (Duration::from_millis(10_001), "try again after 11 s"),
            (Duration::MAX, "try again after 4294967295 s"),
        ] {
            assert_eq!(hint(wait), expected);
        }
    }

    #[test]
    fn milliseconds_are_preferred_to_seconds() {
        let both = [("retry-after", "9"), ("x-ms-retry-after-ms", "2500")];
        assert_eq!(wait(&both), Some(Duration::from_millis(2500)));
    }
}
