//! The requests to the simulated Azure and their outcomes, without secrets.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock};

use regex::Regex;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::incoming_request::IncomingRequest;
use crate::jwt;
use crate::network::Outcome;
use crate::reply::Reply;
use crate::service_name::ServiceName;
use crate::timestamp;

/// One request and its outcome: who asked, for what, and the answer. Secrets are redacted when the entry is made.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// Its number; the first request of a simulator has 1.
    pub number: u64,
    /// When the request arrived, in seconds since the Unix epoch.
    pub received_on: u64,
    /// The service that handled the request; `None`: no service is at its authority.
    pub service: Option<ServiceName>,
    /// The client id of the caller: that of the token in the response, of the token in the request, or the one that the
    /// request names. `None`: there is none.
    pub client_id: Option<String>,
    /// The method.
    pub method: String,
    /// The absolute URI.
    pub uri: String,
    /// The headers, in their order.
    pub headers: Vec<(String, String)>,
    /// The fields of the body, in their order; empty if the body is not a form.
    pub form: Vec<(String, String)>,
    /// The status of the response; `None` if no whole response was sent.
    pub status: Option<u16>,
    /// The claims of the access token in the response; `None`: the response has none.
    pub token: Option<Value>,
    /// The service's description of the outcome.
    pub note: String,
    /// Whether the request is one that a client may send.
    pub expected: bool,
}

impl Entry {
    /// Describes one request and redacts `secrets`, which are pairs of (description, secret).
    pub(crate) fn new(
        service: Option<ServiceName>,
        request: &IncomingRequest,
        reply: &Reply,
        secrets: &[(String, String)],
    ) -> Entry {
        let clean = |name: &str, value: &str| redact(name, value, secrets);
        let headers = request.headers.iter().map(|(name, value)| {
            (name.to_string(), clean(name.as_str(), &String::from_utf8_lossy(value.as_bytes())))
        });
        let form = request.form().into_iter().map(|(name, value)| (name.clone(), clean(&name, &value)));
        let token = issued_claims(reply);
        Entry {
            number: 0,
            received_on: request.received_on,
            service,
            client_id: client_id(request, token.as_ref()).map(|it| clean("client_id", &it)),
            method: request.method.to_string(),
            uri: clean_uri(request, &clean),
            headers: headers.collect(),
            form: form.collect(),
            status: reply.status().map(|status| status.as_u16()),
            token,
            note: clean("note", &reply.note),
            expected: reply.expected,
        }
    }

    /// The name of the service; `unknown` if no service is at the request's authority.
    pub fn service_name(&self) -> &'static str {
        self.service.map_or("unknown", ServiceName::as_str)
    }

    /// The entry in several lines: method and URI, headers, form, outcome.
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

/// One line: time, service, request, outcome.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form: Vec<_> = self.form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (time, form) = (timestamp::entra(self.received_on), form.join(" "));
        write!(f, "{time} {} {} {}", self.service_name(), self.method, self.uri)?;
        if !form.is_empty() {
            write!(f, " [{}]", one_line(&form))?;
        }
        write!(f, " -> {}", one_line(&self.outcome()))
    }
}

/// The last 10,000 entries, oldest first.
#[derive(Default)]
pub(crate) struct Journal {
    kept: Mutex<Kept>,
    observer: OnceLock<Observer>,
}

#[derive(Default)]
struct Kept {
    entries: VecDeque<Entry>,
    /// The number of entries so far, those that are not kept any more included.
    count: u64,
    followers: Vec<mpsc::Sender<Entry>>,
}

/// A function that is called with each entry.
pub(crate) type Observer = Box<dyn Fn(&Entry) + Send + Sync>;

impl Journal {
    /// Calls `observer` with every later entry, unless there is an observer already.
    pub fn observe(&self, observer: Observer) {
        let _ = self.observer.set(observer);
    }

    /// Numbers an entry and adds it.
    pub fn record(&self, mut entry: Entry) {
        let mut kept = self.kept();
        kept.count += 1;
        entry.number = kept.count;
        if let Some(observer) = self.observer.get() {
            observer(&entry);
        }
        // A follower that is gone, or reads too slowly, is dropped.
        kept.followers.retain(|follower| follower.try_send(entry.clone()).is_ok());
        if kept.entries.len() == MAX_ENTRIES {
            kept.entries.pop_front();
        }
        kept.entries.push_back(entry);
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.kept().entries.iter().cloned().collect()
    }

    /// The entries so far, and those that come later.
    pub fn follow(&self) -> (VecDeque<Entry>, mpsc::Receiver<Entry>) {
        let (sender, receiver) = mpsc::channel(MAX_UNREAD);
        let mut kept = self.kept();
        kept.followers.push(sender);
        (kept.entries.clone(), receiver)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("no holder of this lock panics")
    }
}

/// The claims of the access token that a response contains.
fn issued_claims(reply: &Reply) -> Option<Value> {
    let Outcome::Response(response) = &reply.outcome else { return None };
    let body: Value = serde_json::from_slice(response.body()).ok()?;
    jwt::claims(body["access_token"].as_str()?)
}

fn client_id(request: &IncomingRequest, issued: Option<&Value>) -> Option<String> {
    let of = |claims: &Value| Some(claims.get("appid").or(claims.get("azp"))?.as_str()?.to_owned());
    let presented = || jwt::claims(request.header("authorization")?.strip_prefix("Bearer ")?);
    let form = request.form();
    let named = || form.iter().chain(&request.query).find(|(name, _)| name == "client_id");
    issued.and_then(of).or_else(|| of(&presented()?)).or_else(|| Some(named()?.1.clone()))
}

fn clean_uri(request: &IncomingRequest, clean: &dyn Fn(&str, &str) -> String) -> String {
    let whole = request.uri.to_string();
    let Some((target, _)) = whole.split_once('?') else { return clean("path", &whole) };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(request.query.iter().map(|(name, value)| (name, clean(name, value))));
    format!("{}?{}", clean("path", target), query.finish())
}

fn redact(name: &str, value: &str, secrets: &[(String, String)]) -> String {
    if SECRET_NAMES.contains(&name.to_ascii_lowercase().as_str()) {
        return REDACTED.to_owned();
    }
    let cleaned = secrets.iter().fold(value.to_owned(), |text, (_, secret)| match secret.len() {
        0..MIN_SECRET_LENGTH => text,
        _ => text.replace(secret, REDACTED),
    });
    JWT.replace_all(&cleaned, REDACTED).into_owned()
}

/// Replaces control characters: a request may contain line breaks, and an entry must stay one line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

const REDACTED: &str = "REDACTED";

/// Parameters and headers whose value is redacted, whether it is a valid secret or not.
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

/// A shorter secret of the settings may occur as a part of other words, and is not redacted outside of its parameter.
const MIN_SECRET_LENGTH: usize = 6;

/// A bound on the memory of a simulator that runs for days.
const MAX_ENTRIES: usize = 10_000;
/// How many entries a follower may leave unread.
const MAX_UNREAD: usize = 1_000;

static JWT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"eyJ[\w-]+\.[\w-]+\.[\w-]*").expect("the expression is constant"));
