//! The lines for standard error. An app can cause any number of them, so each kind of event has a budget of its own (a
//! token bucket), which time refills: no kind silences another one, and none is silent for good.

use crate::prelude::*;
use crate::refusal::Refusal;
use alloc::string::ToString;
use core::cell::RefCell;
use core::fmt::{self, Display, Write};
use core::time::Duration;

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A setting is malformed.
    Setting,
    /// A request is refused because no rule matches it.
    NoRule,
    /// A request is refused because it goes to an endpoint that returns tokens.
    TokenEndpoint,
    /// A request is refused for another reason.
    Refusal,
    /// The provider has no token.
    NoToken,
    /// A response is withheld.
    Withheld,
}

/// The lines that were written.
#[derive(Default)]
pub struct Log(RefCell<[Budget; 6]>);

impl Log {
    /// The lines to write for an event; `None`: its kind has no budget left, or the same line was written in the last hour.
    /// `now` is the time of the monotonic clock.
    pub fn lines(&self, kind: Kind, now: Duration, message: &impl Display) -> Option<String> {
        let mut budgets = self.0.borrow_mut();
        budgets.get_mut(kind as usize)?.lines(kind, now, message.to_string())
    }
}

impl From<&Refusal> for Kind {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NoRule { .. } => Self::NoRule,
            Refusal::MetadataService(..) | Refusal::IdentityEndpoint(..) | Refusal::Authority(..) => {
                Self::TokenEndpoint
            }
            _ => Self::Refusal,
        }
    }
}

/// The name of its lines.
impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Setting => "malformed settings",
            Self::NoRule => "requests that no rule matches",
            Self::TokenEndpoint => "requests to endpoints that return tokens",
            Self::Refusal => "refused requests",
            Self::NoToken => "tokens that the provider does not have",
            Self::Withheld => "withheld responses",
        })
    }
}

/// The budget of one kind.
#[derive(Default)]
struct Budget {
    /// When it is full again: each line adds [`REFILL`].
    full_at: Duration,
    /// The number of lines that were left out since the last one.
    left_out: u64,
    /// The lines that were written last, the oldest first.
    written: Vec<Written>,
}

struct Written {
    line: String,
    at: Duration,
    /// The number of times that it was left out since.
    repeated: u64,
}

impl Budget {
    fn lines(&mut self, kind: Kind, now: Duration, line: String) -> Option<String> {
        let known = self.written.iter().position(|it| it.line == line);
        if let Some(known) = known.and_then(|known| self.written.get_mut(known))
            && now.saturating_sub(known.at) < REPEAT_IN
        {
            known.repeated = known.repeated.saturating_add(1);
            return None;
        }
        let full_at = self.full_at.max(now).saturating_add(REFILL);
        if full_at.saturating_sub(now) > REFILL.saturating_mul(BURST) {
            self.left_out = self.left_out.saturating_add(1);
            return None;
        }
        self.full_at = full_at;
        let repeated = known.map_or(0, |known| self.written.remove(known).repeated);
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = match core::mem::take(&mut self.left_out) {
            0 => Ok(()),
            left_out => writeln!(text, "http-auth: {left_out} lines about {kind} were left out"),
        };
        let _ = match repeated {
            0 => writeln!(text, "http-auth: {line}"),
            times => writeln!(text, "http-auth: {line} (and {times} times since it was written last)"),
        };
        if self.written.len() >= KNOWN {
            self.written.remove(0);
        }
        self.written.push(Written { line, at: now, repeated: 0 });
        Some(text)
    }
}

/// The message of [`Kind::Withheld`] for headers.
pub const WITHHELD_HEADERS: &str = "a response is withheld: its headers contain the token that was sent";
/// The message of [`Kind::Withheld`] for trailers.
pub const WITHHELD_TRAILERS: &str =
    "the trailers of a response are withheld: they contain the token that was sent";

/// The number of lines of one kind that can be written at once.
const BURST: u32 = 20;
/// How long it takes until one more line can be written.
const REFILL: Duration = Duration::from_secs(60);
/// How long a line is not repeated.
const REPEAT_IN: Duration = Duration::from_secs(3600);
/// The number of lines of one kind that are kept to recognise a repeated one.
const KNOWN: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_kind_without_budget_silences_no_other_kind() {
        let log = Log::default();
        let written = (0..1000).filter_map(|number| log.lines(Kind::NoRule, at(0), &number)).count();
        assert_eq!(written, 20);
        assert_eq!(log.lines(Kind::NoToken, at(0), &"down").as_deref(), Some("http-auth: down\n"));
        assert_eq!(log.lines(Kind::Withheld, at(0), &"echo").as_deref(), Some("http-auth: echo\n"));
    }

    #[test]
    fn a_budget_is_refilled_by_one_line_a_minute_and_the_lines_left_out_are_counted() {
        let log = Log::default();
        (0..1000).for_each(|number| drop(log.lines(Kind::NoRule, at(0), &number)));
        assert_eq!(log.lines(Kind::NoRule, at(59), &"a"), None);
        assert_eq!(
            log.lines(Kind::NoRule, at(60), &"b").as_deref(),
            Some("http-auth: 981 lines about requests that no rule matches were left out\nhttp-auth: b\n")
        );
        assert_eq!(log.lines(Kind::NoRule, at(60), &"c"), None);
        // After a day it is full, and not fuller.
        let written = (0..1000).filter_map(|number| log.lines(Kind::NoRule, at(86_460), &number)).count();
        assert_eq!(written, 20);
    }

    #[test]
    fn a_line_is_repeated_after_an_hour_with_the_number_of_times() {
        let log = Log::default();
        let lines = |now| log.lines(Kind::Refusal, at(now), &"no");
        assert_eq!(lines(0).as_deref(), Some("http-auth: no\n"));
        assert_eq!((lines(1), lines(3599)), (None, None));
        assert_eq!(lines(3600).as_deref(), Some("http-auth: no (and 2 times since it was written last)\n"));
        assert_eq!(lines(7199), None);
    }

    #[test]
    fn a_repeated_line_takes_no_budget_from_others() {
        let log = Log::default();
        (0..1000).for_each(|_| drop(log.lines(Kind::Refusal, at(0), &"no")));
        assert_eq!(log.lines(Kind::Refusal, at(0), &"another").as_deref(), Some("http-auth: another\n"));
    }

    #[test]
    fn the_memory_of_a_log_is_bounded() {
        let log = Log::default();
        (0..10_000).for_each(|number| drop(log.lines(Kind::NoRule, at(number * 60), &number)));
        assert_eq!(log.0.borrow()[Kind::NoRule as usize].written.len(), KNOWN);
    }
}
