//! Compares the outcome of a call with the one that its case expects.

use super::Expect;
use crate::bindings::{AccessToken, CredentialError, ServiceResponse};
use crate::error_kind::name;
use anyhow::{Context, Result, bail, ensure};
use std::fmt::{Debug, Write};

/// The outcome of a call.
pub type Outcome = Result<AccessToken, CredentialError>;

/// Compares an outcome with the expected one; `now` is in seconds since the Unix epoch.
///
/// # Errors
/// The first difference.
pub fn check(expect: &Expect, outcome: &Outcome, now: u64) -> Result<()> {
    match (outcome, &expect.error) {
        (Ok(token), None) => check_token(expect, token, now),
        (Err(error), Some(kind)) => {
            check_error(expect, error, kind).with_context(|| format!("unexpected error:\n{}", render(error)))
        }
        (Ok(token), Some(kind)) => bail!("expected an error of kind {kind}, got a token of {}", token.source),
        (Err(error), None) => bail!("expected a token, got an error:\n{}", render(error)),
    }
}

/// Renders an error, for golden files and for people.
pub fn render(error: &CredentialError) -> String {
    let mut text = format!("{}: {}\n", name(error.kind), error.message);
    let mut line = |line: String| writeln!(text, "  {line}").expect("writing to a string succeeds");
    if let Some(response) = &error.response {
        line(describe(response));
    }
    // Ids are random, so the keys alone are shown.
    for (key, _) in &error.details {
        line(format!("with the detail {key}"));
    }
    if let Some(claims) = &error.claims {
        line(format!("claims {claims}"));
    }
    for attempt in &error.attempts {
        line(format!("tried {} ({}): {}", attempt.source, name(attempt.kind), attempt.message));
    }
    text
}

/// Renders the facts of a service's response. Ids are random, so their presence alone is shown.
fn describe(response: &ServiceResponse) -> String {
    let mut text = format!("status {}", response.status);
    let mut part = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(text, ", {name} {value}").expect("writing to a string succeeds");
        }
    };
    part("error", response.error.clone());
    part("suberror", response.suberror.clone());
    part("error codes", (!response.error_codes.is_empty()).then(|| format!("{:?}", response.error_codes)));
    part("with a", response.correlation_id.as_ref().map(|_| "correlation id".to_owned()));
    part("with a", response.trace_id.as_ref().map(|_| "trace id".to_owned()));
    part("retry after", response.retry_after.map(|seconds| format!("{seconds} s")));
    text
}

fn check_token(expect: &Expect, token: &AccessToken, now: u64) -> Result<()> {
    let of_error = (&expect.message, &expect.error_codes, &expect.attempts);
    ensure!(
        of_error == (&None, &None, &None),
        "expect has fields of an error, and does not name its kind: error = \"…\""
    );
    let source = expect.source.as_ref().context("expect names neither source nor error")?;
    same("source", &token.source, Some(source))?;
    same("token type", &token.token_type, Some(&"Bearer".to_owned()))?;
    // Not with `same`: the message of a failed test must not contain a token.
    ensure!(
        expect.token.as_ref().is_none_or(|expected| *expected == token.token),
        "the token differs from the expected one"
    );
    let remaining = |time: u64| i128::from(time) - i128::from(now);
    same(
        "seconds until expires-on",
        &remaining(token.expires_on),
        expect.expires_in.map(i128::from).as_ref(),
    )?;
    let refresh_in = expect.refresh_in.map(|seconds| Some(i128::from(seconds)));
    same("seconds until refresh-on", &token.refresh_on.map(remaining), refresh_in.as_ref())?;
    same("details", &token.details.iter().cloned().collect(), expect.details.as_ref())
}

fn check_error(expect: &Expect, error: &CredentialError, kind: &str) -> Result<()> {
    same("kind", &name(error.kind), Some(&kind))?;
    same("message", &error.message, expect.message.as_ref())?;
    let error_codes = error.response.as_ref().map(|response| response.error_codes.clone());
    same("error codes", &error_codes.unwrap_or_default(), expect.error_codes.as_ref())?;
    let attempts = error.attempts.iter().map(|attempt| format!("{}: {}", attempt.source, name(attempt.kind)));
    same("attempts", &attempts.collect(), expect.attempts.as_ref())
}

/// `expected` is `None`: every value passes.
fn same<T: PartialEq + Debug>(name: &str, actual: &T, expected: Option<&T>) -> Result<()> {
    match expected {
        Some(expected) if expected != actual => bail!("{name}: expected {expected:?}, got {actual:?}"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::Attempt;
    use crate::bindings::ErrorKind;

    const NOW: u64 = 1_000;

    fn expect(toml: &str) -> Expect {
        toml::from_str(&format!("requests = 0\n{toml}")).expect("an expectation")
    }

    fn difference(expected: &str, outcome: &Outcome) -> String {
        check(&expect(expected), outcome, NOW).err().map(|error| format!("{:#}", error)).unwrap_or_default()
    }

    #[test]
    fn every_difference_of_a_token_is_reported() {
        let token: Outcome = Ok(AccessToken {
            token: "the token".into(),
            token_type: "Bearer".into(),
            expires_on: 1_060,
            refresh_on: Some(1_030),
            source: "a".into(),
            details: Vec::new(),
        });
        let good = "source = 'a'\ntoken = 'the token'\nexpires-in = 60\nrefresh-in = 30";
        for (expected, message) in [
            (good, ""),
            ("source = 'a'", ""),
            ("source = 'b'", "source: expected \"b\", got \"a\""),
            ("source = 'a'\ntoken = 'x'", "the token differs from the expected one"),
            ("source = 'a'\nexpires-in = 61", "seconds until expires-on: expected 61, got 60"),
            ("source = 'a'\nrefresh-in = 31", "seconds until refresh-on: expected Some(31), got Some(30)"),
            ("error = 'other'", "expected an error of kind other, got a token of a"),
            ("", "expect names neither source nor error"),
            ("attempts = []", "expect has fields of an error, and does not name its kind: error = \"…\""),
        ] {
            assert_eq!(difference(expected, &token), message, "{expected}");
        }
    }

    #[test]
    fn every_difference_of_an_error_is_reported() {
        let attempt = Attempt {
            source: "a".into(),
            kind: ErrorKind::AuthenticationFailed,
            message: "a: no".into(),
            response: None,
        };
        let error: Outcome = Err(CredentialError {
            kind: ErrorKind::AuthenticationFailed,
            message: "no".into(),
            claims: None,
            response: Some(ServiceResponse {
                status: 400,
                error: None,
                suberror: None,
                error_codes: vec![7],
                correlation_id: None,
                trace_id: None,
                retry_after: None,
            }),
            attempts: vec![attempt],
            details: Vec::new(),
        });
        let refused = "error = 'authentication-failed'\n";
        for (expected, message) in [
            ("message = 'no'\nerror-codes = [7]\nattempts = ['a: authentication-failed']", ""),
            ("message = 'yes'", "message: expected \"yes\", got \"no\""),
            ("error-codes = []", "error codes: expected [], got [7]"),
            (
                "attempts = ['a: other']",
                "attempts: expected [\"a: other\"], got [\"a: authentication-failed\"]",
            ),
        ] {
            let difference = difference(&format!("{refused}{expected}"), &error);
            assert_eq!(difference.lines().last().map_or("", |line| line.trim_start_matches(": ")), message);
        }
        let message = difference("error = 'other'", &error);
        assert!(message.ends_with("kind: expected \"other\", got \"authentication-failed\""), "{message}");
        assert!(
            difference("source = 'a'", &error)
                .starts_with("expected a token, got an error:\nauthentication-failed: no\n")
        );
    }
}
