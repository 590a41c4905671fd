//! What the simulated Azure was asked and what it answered, without secrets.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{LazyLock, Mutex, OnceLock};

use regex::Regex;

use super::call::Call;
use super::reply::Reply;
use super::timestamp;

/// One request and its answer. Secrets are redacted already when it is made.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When the request arrived, in unix seconds.
    pub at: u64,
    /// The fake that answered; `unknown` if there is none at that authority.
    pub service: &'static str,
    /// GET, POST, …
    pub method: String,
    /// The whole address.
    pub uri: String,
    /// The headers, by name.
    pub headers: Vec<(String, String)>,
    /// The body, if it was a form.
    pub form: Vec<(String, String)>,
    /// The status of the answer; `None` if there was no whole response.
    pub status: Option<u16>,
    /// What the fake says about its answer.
    pub note: String,
    /// Whether it is a request that a test should tolerate.
    pub expected: bool,
}

impl Entry {
    /// Writes down one request; `secrets` must not show, whatever they stand in.
    pub fn of(service: &'static str, call: &Call, reply: &Reply, secrets: &[(String, String)]) -> Entry {
        let clean = |name: &str, value: &str| redact(name, value, secrets);
        let headers = call.headers.iter().map(|(name, value)| {
            (name.to_string(), clean(name.as_str(), &String::from_utf8_lossy(value.as_bytes())))
        });
        let form = call.form().into_iter().map(|(name, value)| (name.clone(), clean(&name, &value)));
        Entry {
            at: call.at,
            service,
            method: call.method.to_string(),
            uri: address(call, &clean),
            headers: headers.collect(),
            form: form.collect(),
            status: reply.status().map(|status| status.as_u16()),
            note: clean("note", &reply.note),
            expected: reply.expected,
        }
    }

    /// The entry over several lines: request line, headers, form, and what was answered.
    pub fn details(&self) -> String {
        let mut text = format!("{} {}\n", self.method, self.uri);
        for (name, value) in &self.headers {
            text += &format!("  {name}: {value}\n");
        }
        for (name, value) in &self.form {
            text += &format!("  {name}={value}\n");
        }
        text + &format!("  -> {}\n", self.outcome())
    }

    fn outcome(&self) -> String {
        let status = self.status.map_or("no response".to_owned(), |status| status.to_string());
        format!("{status} {}", self.note).trim_end().to_owned()
    }
}

/// One line for people: time, service, request, answer.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form: Vec<_> = self.form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (at, form) = (timestamp::entra(self.at), form.join(" "));
        write!(f, "{at} {} {} {}", self.service, self.method, self.uri)?;
        if !form.is_empty() {
            write!(f, " [{}]", one_line(&form))?;
        }
        write!(f, " -> {}", one_line(&self.outcome()))
    }
}

/// All entries, the newest last; a simulator that runs for days forgets the oldest.
#[derive(Default)]
pub struct Journal {
    entries: Mutex<VecDeque<Entry>>,
    observer: OnceLock<Observer>,
}

/// Somebody who wants to see every entry at once.
pub type Observer = Box<dyn Fn(&Entry) + Send + Sync>;

impl Journal {
    /// Shows every coming entry to `observer`, unless there is one already.
    pub fn observe(&self, observer: Observer) {
        let _ = self.observer.set(observer);
    }

    /// Writes an entry down.
    pub fn record(&self, entry: Entry) {
        if let Some(observer) = self.observer.get() {
            observer(&entry);
        }
        let mut entries = self.entries.lock().expect("no holder of this lock panics");
        if entries.len() == MOST_ENTRIES {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    /// The entries there are.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().expect("no holder of this lock panics").iter().cloned().collect()
    }
}

fn address(call: &Call, clean: &dyn Fn(&str, &str) -> String) -> String {
    let whole = call.uri.to_string();
    let Some((address, _)) = whole.split_once('?') else { return clean("path", &whole) };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(call.query.iter().map(|(name, value)| (name, clean(name, value))));
    format!("{}?{}", clean("path", address), query.finish())
}

fn redact(name: &str, value: &str, secrets: &[(String, String)]) -> String {
    if SECRET_NAMES.contains(&name.to_ascii_lowercase().as_str()) {
        return REDACTED.to_owned();
    }
    let cleaned = secrets.iter().fold(value.to_owned(), |text, (_, secret)| match secret.len() {
        0..LEAST_SECRET => text,
        _ => text.replace(secret, REDACTED),
    });
    JWT.replace_all(&cleaned, REDACTED).into_owned()
}

/// A request can carry line breaks into the journal; a line must stay one.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

const REDACTED: &str = "REDACTED";

/// Parameters and headers whose values are secrets, be they right or wrong.
const SECRET_NAMES: &[&str] = &[
    "assertion",
    "authorization",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "cookie",
    "device_code",
    "password",
    "refresh_token",
    "secret",
    "x-identity-header",
];

/// Shorter "secrets" are words that would blot out half of the journal.
const LEAST_SECRET: usize = 6;

const MOST_ENTRIES: usize = 10_000;

static JWT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"eyJ[\w-]+\.[\w-]+\.[\w-]*").expect("the expression is constant"));
