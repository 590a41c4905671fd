//! What breaks by order of the settings, before any fake is asked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::HeaderValue;
use regex::Regex;
use serde::Deserialize;

use super::call::Call;
use super::duration::Pause;
use super::reply::{Reply, add_header, response};
use super::service;
use crate::network::{Answer, Fault};

mod flag;

/// One thing that breaks, as settings write it. All given conditions must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FaultSettings {
    /// Only requests to this fake, e.g. `imds`.
    pub service: Option<ServiceName>,
    /// Only requests to an authority that matches.
    pub authority: Option<Pattern>,
    /// Only requests for a path that matches.
    pub path: Option<Pattern>,
    /// How it breaks; by default with the response that `status` gives.
    pub kind: Option<Kind>,
    /// The status of the response; without it `truncated` and its like spoil the fake's own response.
    pub status: Option<u16>,
    /// Headers of that response, e.g. `{ Retry-After = "2" }`.
    pub headers: BTreeMap<String, String>,
    /// Body of that response.
    pub body: String,
    /// How many requests it breaks; by default all.
    pub times: Option<u32>,
    /// How many matching requests it lets through first.
    pub after: u32,
    /// How long any answer is held back. With neither `kind` nor `status` the answer is then the true one.
    pub delay: Pause,
    /// How many bytes of the body arrive (`truncated`, `hang-mid-body`) or arrive together (`drip`).
    pub bytes: usize,
    /// How long `drip` waits between two pieces.
    pub every: Pause,
}

/// The ways to break.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nobody answers the attempt to connect.
    ConnectTimeout,
    /// The host forbids the request.
    Denied,
    /// The name does not resolve.
    DnsError,
    /// The body arrives in small pieces.
    Drip,
    /// Every header of the response comes a second time, with another value.
    DuplicateHeaders,
    /// 200, and no body at all.
    Empty,
    /// The connection opens, and that is all.
    Hang,
    /// The body starts and never ends.
    HangMidBody,
    /// 200, and somebody's web page.
    Html,
    /// The body has bytes in it that are no UTF-8.
    InvalidUtf8,
    /// 200, and a few words.
    NotJson,
    /// The body goes on for a MiB, with spaces behind what was meant.
    Oversized,
    /// The caller is sent to another machine.
    Redirect,
    /// The connection is refused.
    Refused,
    /// The connection is reset before the response.
    Reset,
    /// The handshake fails.
    TlsError,
    /// The connection ends within the body.
    Truncated,
    /// No way leads to the address.
    Unroutable,
    /// The response says that its body is a picture.
    WrongContentType,
}

/// A regular expression.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(Regex);

/// The name of a fake that exists.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct ServiceName(String);

/// All that breaks, and how often each rule has matched.
#[derive(Debug)]
pub struct Faults {
    rules: Vec<(FaultSettings, AtomicU32)>,
    are_over: AtomicBool,
}

/// What happens to one request.
#[derive(Debug, Default)]
pub struct Planned {
    /// What replaces or spoils the answer.
    pub effect: Effect,
    /// How long it is held back.
    pub delay: Duration,
}

/// What a fault does to an answer.
#[derive(Debug, Default)]
pub enum Effect {
    /// The fake answers, then the answer is spoiled.
    Afterwards(Spoil),
    /// The fake is not asked; this is the answer, and that is what the journal says.
    Instead(Answer, String),
    /// Nothing.
    #[default]
    Nothing,
}

/// A way to spoil a response on its way.
#[derive(Debug)]
pub struct Spoil {
    kind: Kind,
    bytes: usize,
    every: Duration,
}

impl Faults {
    /// The rules, none of which has matched yet.
    pub fn new(rules: Vec<FaultSettings>) -> Faults {
        let rules = rules.into_iter().map(|rule| (rule, AtomicU32::new(0))).collect();
        Faults { rules, are_over: AtomicBool::new(false) }
    }

    /// From now on nothing breaks.
    pub fn end(&self) {
        self.are_over.store(true, Ordering::Relaxed);
    }

    /// What happens to this request: the first rule that matches and is due. Rules behind it do not
    /// count the request, so that a list reads as a sequence: "twice 503, then once 429".
    pub fn next(&self, service: &str, call: &Call) -> Option<Planned> {
        let due = |(rule, matched): &&(FaultSettings, AtomicU32)| {
            rule.matches(service, call) && rule.is_due(matched.fetch_add(1, Ordering::Relaxed))
        };
        let are_over = self.are_over.load(Ordering::Relaxed);
        self.rules.iter().filter(|_| !are_over).find(due).map(|(rule, _)| rule.plan())
    }
}

impl FaultSettings {
    fn matches(&self, service: &str, call: &Call) -> bool {
        let fits = |pattern: &Option<Pattern>, text| pattern.as_ref().is_none_or(|it| it.0.is_match(text));
        self.service.as_ref().is_none_or(|it| it.0 == service)
            && fits(&self.authority, call.authority())
            && fits(&self.path, call.path())
    }

    fn is_due(&self, matched_before: u32) -> bool {
        let last = self.times.map_or(u32::MAX, |times| self.after.saturating_add(times));
        (self.after..last).contains(&matched_before)
    }

    fn plan(&self) -> Planned {
        Planned { effect: self.effect(), delay: self.delay.0 }
    }

    fn effect(&self) -> Effect {
        let spoil = |kind| Spoil { kind, bytes: self.bytes, every: self.every.0 };
        let canned = self.status.map(|status| self.response(status));
        let (answer, note) = match (self.kind, canned) {
            (None, None) => return Effect::Nothing,
            (None, Some(response)) => (Answer::Response(response), String::new()),
            (Some(kind), canned) => match (kind.without_response(), canned) {
                (Some(answer), _) => (answer, format!("{kind:?}")),
                (None, None) => return Effect::Afterwards(spoil(kind)),
                (None, Some(response)) => (spoil(kind).of(response), format!("{kind:?}")),
            },
        };
        Effect::Instead(answer, format!("by order of the settings {note}").trim_end().to_owned())
    }

    fn response(&self, status: u16) -> Response<Bytes> {
        let mut response = response(status, self.body.clone());
        let content_type = match self.body.trim_start().chars().next() {
            Some('{') => "application/json; charset=utf-8",
            Some('<') => "text/html",
            _ => "text/plain",
        };
        add_header(&mut response, "content-type", content_type);
        for (name, value) in &self.headers {
            add_header(&mut response, name, value);
        }
        response
    }
}

impl Kind {
    /// The answer, if it has nothing to do with the fake's; `None`: that one is spoiled.
    fn without_response(self) -> Option<Answer> {
        let document = |kind, body: &str| {
            let mut response = response(200, body.to_owned());
            add_header(&mut response, "content-type", kind);
            Some(Answer::Response(response))
        };
        let fault = match self {
            Kind::ConnectTimeout => Fault::ConnectTimeout,
            Kind::Denied => Fault::Denied,
            Kind::DnsError => Fault::DnsError,
            Kind::Hang => Fault::HangBeforeResponse,
            Kind::Refused => Fault::Refused,
            Kind::Reset => Fault::ResetBeforeResponse,
            Kind::TlsError => Fault::TlsError,
            Kind::Unroutable => Fault::Unroutable,
            Kind::Empty => return document("application/json", ""),
            Kind::Html => return document("text/html", WEB_PAGE),
            Kind::NotJson => return document("text/plain", "no token today"),
            Kind::Redirect => {
                let mut response = response(302, WEB_PAGE);
                add_header(&mut response, "location", "https://elsewhere.example/");
                return Some(Answer::Response(response));
            }
            _ => return None,
        };
        Some(Answer::Fault(fault))
    }
}

impl Spoil {
    /// Spoils the response of `reply`; a reply without one stays as it is.
    pub fn apply(self, reply: Reply) -> Reply {
        let note = format!("{} ({:?})", reply.note, self.kind);
        let answer = match reply.answer {
            Answer::Response(response) => self.of(response),
            fault => fault,
        };
        Reply { answer, note, expected: reply.expected }
    }

    fn of(self, mut response: Response<Bytes>) -> Answer {
        match self.kind {
            Kind::Truncated => Answer::Fault(Fault::Truncated { response, after: self.bytes }),
            Kind::Drip => {
                Answer::Fault(Fault::Drip { response, chunk: self.bytes.max(1), every: self.every })
            }
            Kind::DuplicateHeaders => {
                for (name, _) in response.headers().clone() {
                    // Yields no name for what comes twice already.
                    name.map(|name| response.headers_mut().append(name, HeaderValue::from_static("x/y")));
                }
                Answer::Response(response)
            }
            Kind::InvalidUtf8 => Answer::Response(response.map(|body| {
                let middle = body.len() / 2;
                [&body[..middle], b"\xC3\x28\xFF", &body[middle..]].concat().into()
            })),
            Kind::Oversized => {
                Answer::Response(response.map(|body| [&body[..], &[b' '; 1 << 20]].concat().into()))
            }
            Kind::WrongContentType => {
                add_header(&mut response, "content-type", "image/png");
                Answer::Response(response)
            }
            _ => Answer::Fault(Fault::HangMidBody { response, after: self.bytes }),
        }
    }
}

impl Pattern {
    /// Compiles the expression.
    pub fn new(expression: &str) -> Result<Pattern, regex::Error> {
        Regex::new(expression).map(Pattern)
    }
}

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    fn try_from(expression: String) -> Result<Pattern, regex::Error> {
        Pattern::new(&expression)
    }
}

impl TryFrom<String> for ServiceName {
    type Error = String;

    fn try_from(name: String) -> Result<ServiceName, String> {
        if service::exists(&name) {
            return Ok(ServiceName(name));
        }
        let names: Vec<_> = service::SERVICES.iter().map(|service| service.name()).collect();
        Err(format!("there is no fake called '{name}'; there are: {}", names.join(", ")))
    }
}

const WEB_PAGE: &str = "<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>";
