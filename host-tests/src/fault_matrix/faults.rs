//! The faults of the matrix.

use super::fault_point::FaultPoint;
use azure_simulator::settings::{FaultKind, FaultSettings};
use std::collections::BTreeMap;
use std::time::Duration;

/// A fault.
pub struct Fault {
    /// Its name in the tables.
    pub name: String,
    /// What is injected.
    pub injection: Injection,
}

/// The kinds of faults.
pub enum Injection {
    /// The connection fails, or a faulty response is sent.
    Response(Box<FaultSettings>),
    /// The guest's clock is set by so many seconds before the call.
    Clock(i64),
    /// The guest's clock is set by so many seconds while a request is in flight.
    ClockDuringRequest(i64),
    /// A file is faulty.
    File(FileFault),
}

/// How a file is faulty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// The file does not exist.
    Missing,
    /// Opening the file is denied.
    Unreadable,
    /// Reading the file fails.
    Broken,
    /// The path is a directory.
    Folder,
    /// The path is a symbolic link to a target outside the preopened directory.
    LinkOut,
    /// The file is empty.
    Empty,
    /// The file contains the first half of its content.
    HalfWritten,
    /// The content is followed by 2 MiB of spaces.
    Huge,
    /// The file contains every byte value.
    Binary,
    /// The file contains a sentence followed by bytes that are not UTF-8.
    InvalidUtf8,
    /// The file is replaced by a longer one between two reads.
    ReplacedWhileRead,
    /// The file is truncated between two reads.
    TruncatedWhileRead,
    /// The file is removed between two reads.
    RemovedWhileRead,
}

impl Fault {
    /// Whether it can be injected at that point of a call.
    pub fn fits(&self, point: &FaultPoint) -> bool {
        matches!(
            (&self.injection, point),
            (Injection::Response(_) | Injection::ClockDuringRequest(_), FaultPoint::Request(_))
                | (Injection::Clock(_), FaultPoint::Call)
                | (Injection::File(_), FaultPoint::File(_))
        )
    }

    /// The settings of a faulty response; `None`: the fault is of another kind.
    pub fn response(&self) -> Option<&FaultSettings> {
        if let Injection::Response(settings) = &self.injection { Some(settings) } else { None }
    }
}

/// All faults: responses (each permanent, and once), files, clocks.
pub fn all() -> Vec<Fault> {
    let mut all = Vec::new();
    for (name, settings) in responses() {
        let once = FaultSettings { times: Some(1), ..settings.clone() };
        all.push(Fault { name: name.clone(), injection: Injection::Response(Box::new(settings)) });
        all.push(Fault { name: format!("{name}, once"), injection: Injection::Response(Box::new(once)) });
    }
    for (name, file) in FILES {
        all.push(Fault { name: format!("file {name}"), injection: Injection::File(*file) });
    }
    for (name, seconds) in CLOCKS {
        all.push(Fault { name: format!("clock {name}"), injection: Injection::Clock(*seconds) });
    }
    for (name, seconds) in CLOCKS {
        all.push(Fault {
            name: format!("clock {name} during the request"),
            injection: Injection::ClockDuringRequest(*seconds),
        });
    }
    all
}

fn responses() -> Vec<(String, FaultSettings)> {
    let mut responses: Vec<_> = KINDS
        .iter()
        .map(|(name, kind, bytes, every)| {
            let mut fault = FaultSettings { kind: Some(*kind), bytes: *bytes, ..FaultSettings::default() };
            fault.every = Duration::from_millis(*every);
            ((*name).to_owned(), fault)
        })
        .collect();
    let late = FaultSettings { delay: Duration::from_secs(20), ..FaultSettings::default() };
    responses.push(("delayed by 20 s".to_owned(), late));
    for (name, body) in BODIES {
        responses.push(((*name).to_owned(), response(200, body, &[])));
    }
    responses.push(("nested 20,000 deep".to_owned(), response(200, &"[".repeat(20_000), &[])));
    responses.push(("token of 60,000 characters".to_owned(), response(200, &long_token(), &[])));
    responses.push(("204".to_owned(), response(204, "", &[])));
    for status in STATUSES {
        responses.push((status.to_string(), response(*status, SAID, &[])));
        responses.push((format!("{status} Retry-After"), response(*status, SAID, &[("retry-after", "3")])));
    }
    for status in [403, 502, 503] {
        responses.push((format!("{status} HTML"), response(status, WEB_PAGE, &[])));
    }
    for (header, value) in RETRY_AFTER {
        responses.push((format!("429 {header}: {value}"), response(429, SAID, &[(header, value)])));
    }
    responses
}

fn response(status: u16, body: &str, headers: &[(&str, &str)]) -> FaultSettings {
    let headers: BTreeMap<_, _> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    FaultSettings { status: Some(status), body: body.to_owned(), headers, ..FaultSettings::default() }
}

/// A token that expires after a minute: the component cannot tell that it is no token, and would cache it longer.
fn long_token() -> String {
    format!(r#"{{"access_token": "{}", "expires_in": 60}}"#, "x".repeat(60_000))
}

/// Name, kind, number of bytes, milliseconds between chunks; the last two are zero where the kind has none.
const KINDS: &[(&str, FaultKind, usize, u64)] = &[
    ("refused", FaultKind::Refused, 0, 0),
    ("unroutable", FaultKind::Unroutable, 0, 0),
    ("connection timeout", FaultKind::ConnectTimeout, 0, 0),
    ("denied by the host", FaultKind::Denied, 0, 0),
    ("DNS error", FaultKind::DnsError, 0, 0),
    ("TLS error", FaultKind::TlsError, 0, 0),
    ("reset before the response", FaultKind::Reset, 0, 0),
    ("reset before the body", FaultKind::Truncated, 0, 0),
    ("reset in the body", FaultKind::Truncated, 40, 0),
    ("no response", FaultKind::Hang, 0, 0),
    ("stalled body", FaultKind::HangMidBody, 40, 0),
    ("1 byte per second", FaultKind::Drip, 1, 1000),
    ("256 bytes per second", FaultKind::Drip, 256, 1000),
    ("empty", FaultKind::Empty, 0, 0),
    ("HTML", FaultKind::Html, 0, 0),
    ("not JSON", FaultKind::NotJson, 0, 0),
    ("invalid UTF-8", FaultKind::InvalidUtf8, 0, 0),
    ("oversized", FaultKind::Oversized, 0, 0),
    ("wrong content type", FaultKind::WrongContentType, 0, 0),
    ("duplicate headers", FaultKind::DuplicateHeaders, 0, 0),
    ("redirect", FaultKind::Redirect, 0, 0),
];

/// Bodies of status 200 that contain no usable token.
const BODIES: &[(&str, &str)] = &[
    ("truncated JSON", r#"{"access_token": "eyJ0eXAiOiJKV1Qi"#),
    ("unrelated JSON", r#"{"hello": ["world", null, 7]}"#),
    ("null", "null"),
    ("no expiry", r#"{"access_token": "eyJ0eXAi", "oidcToken": 7, "token_type": "Bearer"}"#),
    ("already expired", r#"{"access_token": "eyJ0eXAi", "expires_in": 0, "oidcToken": ""}"#),
    (
        "token with a line break",
        "{\"access_token\": \"eyJ0\\r\\nx: y\", \"expires_in\": 3599, \"oidcToken\": \"a\\nb\"}",
    ),
];

/// The statuses that any retry policy retries, and their neighbours.
const STATUSES: &[u16] = &[301, 400, 401, 403, 404, 405, 408, 410, 429, 500, 501, 502, 503, 504];

/// Unusual values of `Retry-After` and its relatives.
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
    ("read error", FileFault::Broken),
    ("is a directory", FileFault::Folder),
    ("is a symlink out of the sandbox", FileFault::LinkOut),
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
