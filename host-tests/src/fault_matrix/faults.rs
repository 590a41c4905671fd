//! The faults.

use super::source::Leg;
use azure_simulator::settings::{FaultKind, FaultSettings};
use std::collections::BTreeMap;
use std::time::Duration;

/// One thing that goes wrong.
pub struct Fault {
    /// What the tables call it.
    pub name: String,
    /// What it is.
    pub what: What,
}

/// The sorts of faults.
pub enum What {
    /// The answer to a request, or the way to it.
    Answer(Box<FaultSettings>),
    /// The guest's clock is set forward or back, in seconds, before the call.
    Clock(i64),
    /// The same, while a request is on its way.
    ClockOnTheWay(i64),
    /// A file.
    File(FileFault),
}

/// What may be wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// It is not there.
    Missing,
    /// It may not be read.
    Unreadable,
    /// The disk fails.
    Broken,
    /// It is a folder.
    Folder,
    /// It is a link that leads out of what the host gives.
    LinkOut,
    /// Nothing is in it.
    Empty,
    /// Whoever writes it has written half.
    HalfWritten,
    /// 2 MiB of spaces stand behind its content.
    Huge,
    /// Every byte value there is.
    Binary,
    /// A sentence, and bytes that are no UTF-8.
    InvalidUtf8,
    /// It is written anew, longer, between two reads.
    ReplacedWhileRead,
    /// It is cut off between two reads.
    TruncatedWhileRead,
    /// It is removed between two reads.
    RemovedWhileRead,
}

impl Fault {
    /// Whether it can happen to that part of a call.
    pub fn fits(&self, leg: &Leg) -> bool {
        matches!(
            (&self.what, leg),
            (What::Answer(_) | What::ClockOnTheWay(_), Leg::Request(_))
                | (What::Clock(_), Leg::Call)
                | (What::File(_), Leg::File(_))
        )
    }

    /// The settings of a faulty answer.
    pub fn answer(&self) -> Option<&FaultSettings> {
        if let What::Answer(settings) = &self.what { Some(settings) } else { None }
    }
}

/// THE LIST: answers (each for good, and once), files, clocks.
pub fn all() -> Vec<Fault> {
    let mut all = Vec::new();
    for (name, settings) in answers() {
        let once = FaultSettings { times: Some(1), ..settings.clone() };
        all.push(Fault { name: name.clone(), what: What::Answer(Box::new(settings)) });
        all.push(Fault { name: format!("{name}, once"), what: What::Answer(Box::new(once)) });
    }
    for (name, file) in FILES {
        all.push(Fault { name: format!("file {name}"), what: What::File(*file) });
    }
    for (name, seconds) in CLOCKS {
        all.push(Fault { name: format!("clock {name}"), what: What::Clock(*seconds) });
    }
    for (name, seconds) in CLOCKS {
        all.push(Fault { name: format!("clock {name} on the way"), what: What::ClockOnTheWay(*seconds) });
    }
    all
}

fn answers() -> Vec<(String, FaultSettings)> {
    let mut answers: Vec<_> = KINDS
        .iter()
        .map(|(name, kind, bytes, every)| {
            let mut fault = FaultSettings { kind: Some(*kind), bytes: *bytes, ..FaultSettings::default() };
            fault.every = Duration::from_millis(*every);
            ((*name).to_owned(), fault)
        })
        .collect();
    let mut late = FaultSettings::default();
    late.delay = Duration::from_secs(20);
    answers.push(("20 s late".to_owned(), late));
    for (name, body) in BODIES {
        answers.push(((*name).to_owned(), response(200, body, &[])));
    }
    answers.push(("nested 20,000 deep".to_owned(), response(200, &"[".repeat(20_000), &[])));
    answers.push(("a token of 60,000 characters".to_owned(), response(200, &long_token(), &[])));
    answers.push(("204".to_owned(), response(204, "", &[])));
    for status in STATUSES {
        answers.push((status.to_string(), response(*status, SAID, &[])));
        answers.push((format!("{status} Retry-After"), response(*status, SAID, &[("retry-after", "3")])));
    }
    for status in [403, 502, 503] {
        answers.push((format!("{status} HTML"), response(status, WEB_PAGE, &[])));
    }
    for (header, value) in RETRY_AFTER {
        answers.push((format!("429 {header}: {value}"), response(429, SAID, &[(header, value)])));
    }
    answers
}

fn response(status: u16, body: &str, headers: &[(&str, &str)]) -> FaultSettings {
    let headers: BTreeMap<_, _> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    FaultSettings { status: Some(status), body: body.to_owned(), headers, ..FaultSettings::default() }
}

/// Good for a minute, because nothing shows that it is no token: what lives longer is kept.
fn long_token() -> String {
    format!(r#"{{"access_token": "{}", "expires_in": 60}}"#, "x".repeat(60_000))
}

/// Name, kind, and for the kinds that have them: bytes, milliseconds between pieces.
const KINDS: &[(&str, FaultKind, usize, u64)] = &[
    ("refused", FaultKind::Refused, 0, 0),
    ("unroutable", FaultKind::Unroutable, 0, 0),
    ("hangs at connect", FaultKind::ConnectTimeout, 0, 0),
    ("denied by the host", FaultKind::Denied, 0, 0),
    ("DNS error", FaultKind::DnsError, 0, 0),
    ("TLS error", FaultKind::TlsError, 0, 0),
    ("reset before the answer", FaultKind::Reset, 0, 0),
    ("reset before the body", FaultKind::Truncated, 0, 0),
    ("reset in the body", FaultKind::Truncated, 40, 0),
    ("hangs before the first byte", FaultKind::Hang, 0, 0),
    ("hangs between bytes", FaultKind::HangMidBody, 40, 0),
    ("drips 1 byte a second", FaultKind::Drip, 1, 1000),
    ("drips 256 bytes a second", FaultKind::Drip, 256, 1000),
    ("empty", FaultKind::Empty, 0, 0),
    ("HTML", FaultKind::Html, 0, 0),
    ("not JSON", FaultKind::NotJson, 0, 0),
    ("invalid UTF-8", FaultKind::InvalidUtf8, 0, 0),
    ("oversized", FaultKind::Oversized, 0, 0),
    ("wrong content type", FaultKind::WrongContentType, 0, 0),
    ("duplicate headers", FaultKind::DuplicateHeaders, 0, 0),
    ("redirect", FaultKind::Redirect, 0, 0),
];

/// Answers with status 200 that are no answers.
const BODIES: &[(&str, &str)] = &[
    ("JSON cut off", r#"{"access_token": "eyJ0eXAiOiJKV1Qi"#),
    ("another JSON", r#"{"hello": ["world", null, 7]}"#),
    ("null", "null"),
    ("no expiry", r#"{"access_token": "eyJ0eXAi", "oidcToken": 7, "token_type": "Bearer"}"#),
    ("already expired", r#"{"access_token": "eyJ0eXAi", "expires_in": 0, "oidcToken": ""}"#),
    (
        "a token with a line break",
        "{\"access_token\": \"eyJ0\\r\\nx: y\", \"expires_in\": 3599, \"oidcToken\": \"a\\nb\"}",
    ),
];

/// Those that any policy retries, and their neighbours.
const STATUSES: &[u16] = &[301, 400, 401, 403, 404, 405, 408, 410, 429, 500, 501, 502, 503, 504];

/// What a server may say instead of a number of seconds.
const RETRY_AFTER: &[(&str, &str)] = &[
    ("retry-after", "86400"),
    ("retry-after", "18446744073709551615"),
    ("retry-after", "99999999999999999999999"),
    ("retry-after", "-1"),
    ("retry-after", "soon"),
    ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ("retry-after", "Fri, 15 Jan 2027 08:00:20 GMT"),
    ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ("retry-after-ms", "2500"),
    ("retry-after-ms", "18446744073709551615"),
];

const FILES: &[(&str, FileFault)] = &[
    ("missing", FileFault::Missing),
    ("unreadable", FileFault::Unreadable),
    ("broken", FileFault::Broken),
    ("is a folder", FileFault::Folder),
    ("is a link that leads out", FileFault::LinkOut),
    ("empty", FileFault::Empty),
    ("half written", FileFault::HalfWritten),
    ("huge", FileFault::Huge),
    ("binary", FileFault::Binary),
    ("not UTF-8", FileFault::InvalidUtf8),
    ("replaced while it is read", FileFault::ReplacedWhileRead),
    ("truncated while it is read", FileFault::TruncatedWhileRead),
    ("removed while it is read", FileFault::RemovedWhileRead),
];

const CLOCKS: &[(&str, i64)] = &[
    ("a minute ahead", 60),
    ("an hour ahead", 3_600),
    ("a day ahead", 86_400),
    ("years ahead", 86_400 * 3_000),
    ("a minute behind", -60),
    ("an hour behind", -3_600),
    ("a day behind", -86_400),
    ("at 1970", -1_800_000_000),
];

const SAID: &str = r#"{"error": "ordered", "error_description": "by order of the matrix"}"#;
const WEB_PAGE: &str = "<!DOCTYPE html><html><body><h1>Gateway</h1></body></html>";
