//! Faults: which requests fail, and how.

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;
use serde::Deserialize;

use crate::duration;
use crate::service_name::ServiceName;

/// One fault. A request must meet every condition that is given.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FaultSettings {
    /// Only requests to this service; `None`: to every service.
    pub service: Option<ServiceName>,
    /// Only requests whose authority matches.
    pub authority: Option<Pattern>,
    /// Only requests whose path matches.
    pub path: Option<Pattern>,
    /// How the request fails; `None`: with the response that `status` describes.
    pub kind: Option<FaultKind>,
    /// The status of a response in place of the service's; `None`: a `kind` that mutates a response mutates the
    /// service's own.
    pub status: Option<u16>,
    /// The headers of that response, e.g. `{ Retry-After = "2" }`.
    pub headers: BTreeMap<String, String>,
    /// The body of that response.
    pub body: String,
    /// The number of requests that fail; `None`: all.
    pub times: Option<u32>,
    /// The number of matching requests that succeed before the first fails.
    pub after: u32,
    /// The delay of the outcome. With neither `kind` nor `status` the service's own response is delayed.
    #[serde(deserialize_with = "duration::deserialize")]
    pub delay: Duration,
    /// The number of bytes that arrive of the body (`truncated`, `hang-mid-body`) or with each piece (`drip`).
    pub bytes: usize,
    /// The pause between two pieces of `drip`.
    #[serde(deserialize_with = "duration::deserialize")]
    pub every: Duration,
}

impl FaultSettings {
    /// A response with this status in place of the service's.
    ///
    /// ```
    /// use azure_simulator::settings::{FaultKind, FaultSettings, ServiceName};
    /// use std::time::Duration;
    ///
    /// let throttled = FaultSettings::response(429).at(ServiceName::Entra).retry_after(Duration::from_secs(3));
    /// let silent_once = FaultSettings::of_kind(FaultKind::Hang).at(ServiceName::Imds).after(1).times(1);
    /// # let _ = (throttled, silent_once);
    /// ```
    pub fn response(status: u16) -> FaultSettings {
        FaultSettings { status: Some(status), ..FaultSettings::default() }
    }

    /// A failure of the network, or a malformed response.
    pub fn of_kind(kind: FaultKind) -> FaultSettings {
        FaultSettings { kind: Some(kind), ..FaultSettings::default() }
    }

    /// Only requests to this service fail.
    pub fn at(mut self, service: ServiceName) -> FaultSettings {
        self.service = Some(service);
        self
    }

    /// Only so many requests fail.
    pub fn times(mut self, times: u32) -> FaultSettings {
        self.times = Some(times);
        self
    }

    /// So many requests succeed before the first fails.
    pub fn after(mut self, requests: u32) -> FaultSettings {
        self.after = requests;
        self
    }

    /// The response asks for this wait, in whole seconds.
    pub fn retry_after(mut self, wait: Duration) -> FaultSettings {
        self.headers.insert("retry-after".to_owned(), wait.as_secs().to_string());
        self
    }
}

/// The ways in which a request can fail.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The connection attempt times out.
    ConnectTimeout,
    /// The host's policy denies the request.
    Denied,
    /// The name does not resolve.
    DnsError,
    /// The body arrives in small pieces.
    Drip,
    /// Every header of the response comes a second time, with another value.
    DuplicateHeaders,
    /// 200 with an empty body.
    Empty,
    /// The connection opens, and no response comes.
    Hang,
    /// The body starts and never ends.
    HangMidBody,
    /// 200 with a web page, as a captive portal sends it.
    Html,
    /// The body contains bytes that are not UTF-8.
    InvalidUtf8,
    /// 200 with plain text.
    NotJson,
    /// A MiB of spaces follows the body.
    Oversized,
    /// A redirect to another host.
    Redirect,
    /// The connection is refused.
    Refused,
    /// The connection is reset before the response.
    Reset,
    /// The TLS handshake fails.
    TlsError,
    /// The connection ends within the body.
    Truncated,
    /// There is no route to the address.
    Unroutable,
    /// The response's content type is an image's.
    WrongContentType,
}

/// A regular expression that an authority or a path is searched with.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles the expression.
    ///
    /// # Errors
    /// When it is not a regular expression.
    pub fn new(expression: &str) -> Result<Pattern, regex::Error> {
        Regex::new(expression).map(Pattern)
    }

    /// Whether the expression matches anywhere in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    fn try_from(expression: String) -> Result<Pattern, regex::Error> {
        Pattern::new(&expression)
    }
}
