//! Compares what came of a call with what its case expects.

use super::Expect;
use crate::bindings::{AccessToken, CredentialError, ErrorKind};
use anyhow::{Context, Result, bail, ensure};
use std::fmt::{Debug, Write};

/// What comes of a call.
pub type Outcome = Result<AccessToken, CredentialError>;

/// Compares an outcome, at `now` in unix seconds, with what is expected.
///
/// # Errors
/// The first difference.
pub fn check(expect: &Expect, outcome: &Outcome, now: u64) -> Result<()> {
    match (outcome, &expect.error) {
        (Ok(token), None) => check_token(expect, token, now),
        (Err(error), Some(kind)) => check_error(expect, error, kind)
            .with_context(|| format!("not the error expected:\n{}", render(error))),
        (Ok(token), Some(kind)) => bail!("a token of {} came, {kind} expected", token.source),
        (Err(error), None) => bail!("no token came:\n{}", render(error)),
    }
}

/// An error for people, and for golden files.
pub fn render(error: &CredentialError) -> String {
    let mut text = format!("{}: {}\n", name(error.kind), error.message);
    let mut line = |line: String| writeln!(text, "  {line}").expect("memory does not fail");
    if !error.error_codes.is_empty() {
        line(format!("error codes {:?}", error.error_codes));
    }
    if let Some(claims) = &error.claims {
        line(format!("claims {claims}"));
    }
    for attempt in &error.attempts {
        line(format!("tried {} ({}): {}", attempt.source, name(attempt.kind), attempt.message));
    }
    text
}

/// A kind as WIT spells it.
pub fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Rejected => "rejected",
        ErrorKind::Unreachable => "unreachable",
        ErrorKind::InvalidRequest => "invalid-request",
        ErrorKind::Other => "other",
    }
}

fn check_token(expect: &Expect, token: &AccessToken, now: u64) -> Result<()> {
    let of_an_error = (&expect.message, &expect.error_codes, &expect.attempts);
    ensure!(
        of_an_error == (&None, &None, &None),
        "expect says what an error has, but not which: error = \"…\""
    );
    let source = expect.source.as_ref().context("expect names neither source nor error")?;
    same("source", &token.source, Some(source))?;
    same("token type", &token.token_type, Some(&"Bearer".to_owned()))?;
    // Not by `same`: a failing test should not print a token.
    ensure!(expect.token.as_ref().is_none_or(|wanted| *wanted == token.token), "another token than expected");
    let left = |time: u64| i128::from(time) - i128::from(now);
    same("seconds until it expires", &left(token.expires_on), expect.expires_in.map(i128::from).as_ref())?;
    let due = expect.refresh_in.map(|seconds| Some(i128::from(seconds)));
    same("seconds until it is due", &token.refresh_on.map(left), due.as_ref())
}

fn check_error(expect: &Expect, error: &CredentialError, kind: &str) -> Result<()> {
    same("kind", &name(error.kind), Some(&kind))?;
    same("message", &error.message, expect.message.as_ref())?;
    same("error codes", &error.error_codes, expect.error_codes.as_ref())?;
    let attempts = error.attempts.iter().map(|attempt| format!("{}: {}", attempt.source, name(attempt.kind)));
    same("attempts", &attempts.collect(), expect.attempts.as_ref())
}

/// `wanted` is `None`: anything will do.
fn same<T: PartialEq + Debug>(what: &str, got: &T, wanted: Option<&T>) -> Result<()> {
    match wanted {
        Some(wanted) if wanted != got => bail!("{what}: {got:?} came, {wanted:?} expected"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::Attempt;

    const NOW: u64 = 1_000;

    fn expect(toml: &str) -> Expect {
        toml::from_str(&format!("requests = 0\n{toml}")).expect("an expectation")
    }

    fn difference(expected: &str, outcome: &Outcome) -> String {
        check(&expect(expected), outcome, NOW).err().map(|error| format!("{:#}", error)).unwrap_or_default()
    }

    #[test]
    fn every_difference_of_a_token_is_told() {
        let token: Outcome = Ok(AccessToken {
            token: "the token".into(),
            token_type: "Bearer".into(),
            expires_on: 1_060,
            refresh_on: Some(1_030),
            source: "a".into(),
        });
        let good = "source = 'a'\ntoken = 'the token'\nexpires-in = 60\nrefresh-in = 30";
        for (expected, told) in [
            (good, ""),
            ("source = 'a'", ""),
            ("source = 'b'", "source: \"a\" came, \"b\" expected"),
            ("source = 'a'\ntoken = 'x'", "another token than expected"),
            ("source = 'a'\nexpires-in = 61", "seconds until it expires: 60 came, 61 expected"),
            ("source = 'a'\nrefresh-in = 31", "seconds until it is due: Some(30) came, Some(31) expected"),
            ("error = 'other'", "a token of a came, other expected"),
            ("", "expect names neither source nor error"),
            ("attempts = []", "expect says what an error has, but not which: error = \"…\""),
        ] {
            assert_eq!(difference(expected, &token), told, "{expected}");
        }
    }

    #[test]
    fn every_difference_of_an_error_is_told() {
        let attempt = Attempt { source: "a".into(), kind: ErrorKind::Rejected, message: "a: no".into() };
        let error: Outcome = Err(CredentialError {
            kind: ErrorKind::Rejected,
            message: "no".into(),
            error_codes: vec![7],
            claims: None,
            attempts: vec![attempt],
        });
        let rejected = "error = 'rejected'\n";
        for (expected, told) in [
            ("message = 'no'\nerror-codes = [7]\nattempts = ['a: rejected']", ""),
            ("message = 'yes'", "message: \"no\" came, \"yes\" expected"),
            ("error-codes = []", "error codes: [7] came, [] expected"),
            ("attempts = ['a: other']", "attempts: [\"a: rejected\"] came, [\"a: other\"] expected"),
        ] {
            let difference = difference(&format!("{rejected}{expected}"), &error);
            assert_eq!(difference.lines().last().map_or("", |line| line.trim_start_matches(": ")), told);
        }
        let told = difference("error = 'other'", &error);
        assert!(told.ends_with("kind: \"rejected\" came, \"other\" expected"), "{told}");
        assert!(difference("source = 'a'", &error).starts_with("no token came:\nrejected: no\n"));
    }
}
