//! The requests of the guest, with their times.

use crate::clock::Clock;
use crate::network::{Network, Outcome, Timeouts};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A network that records every request before it forwards it to another network.
pub struct Journal {
    clock: Clock,
    answers: Arc<dyn Network>,
    sent: Mutex<Vec<Sent>>,
    unanswered: AtomicUsize,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Sent {
    /// When, since the clock started.
    pub at: Duration,
    /// The request.
    pub request: Request<Bytes>,
    /// How long the guest meant to wait; `None`: it was no guest that sent it.
    pub timeouts: Option<Timeouts>,
}

impl Journal {
    /// A journal in front of `answers`.
    pub fn new(clock: Clock, answers: Arc<dyn Network>) -> Self {
        Self { clock, answers, sent: Mutex::default(), unanswered: AtomicUsize::new(0) }
    }

    /// The requests so far, oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().expect("the lock is not poisoned").clone()
    }

    /// The number of requests without a response so far.
    pub fn unanswered(&self) -> usize {
        self.unanswered.load(Ordering::Relaxed)
    }
}

impl Network for Journal {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        let timeouts = request.extensions().get().copied();
        let sent = Sent { at: self.clock.elapsed(), request: request.clone(), timeouts };
        self.sent.lock().expect("the lock is not poisoned").push(sent);
        let unanswered = Unanswered::one_more(&self.unanswered);
        let answer = self.answers.send(request);
        Box::pin(async move {
            let _unanswered = unanswered;
            answer.await
        })
    }
}

/// A request until it is answered or given up.
struct Unanswered<'a>(&'a AtomicUsize);

impl<'a> Unanswered<'a> {
    fn one_more(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Sent {
    /// The request for people, and for golden files: one thing a line, in a stable order, each secret
    /// replaced by its name.
    pub fn render(&self, secrets: &[(String, String)]) -> String {
        let request = &self.request;
        let (address, query) = split_query(&request.uri().to_string());
        let mut text = format!("{} {address}\n", request.method());
        let mut line =
            |line: String| writeln!(text, "  {}", hide(&line, secrets)).expect("memory does not fail");
        query.iter().for_each(|(name, value)| line(format!("? {name} = {value}")));
        let mut headers: Vec<_> = request.headers().iter().filter(|(name, _)| *name != "host").collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        headers.iter().for_each(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            line(format!("{name}: {}", without_changing_parts(name.as_str(), &value)));
        });
        for (name, value) in url::form_urlencoded::parse(request.body()) {
            match signed_by_certificate(&value) {
                Some(parts) => parts.iter().for_each(|part| line(format!("{name} . {part}"))),
                None => line(format!("{name} = {value}")),
            }
        }
        line(format!("at {:.1} s", self.at.as_secs_f64()));
        text
    }
}

/// Header and claims of an assertion that a certificate signed, for people: its chain by the number of
/// certificates, and without the signature. `None`: it is no such assertion.
fn signed_by_certificate(value: &str) -> Option<Vec<String>> {
    let part =
        |text| serde_json::from_slice::<Map<String, Value>>(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok();
    let mut parts = value.split('.');
    let (mut header, claims) = (part(parts.next()?)?, part(parts.next()?)?);
    let is_one = header.contains_key("x5t") || header.contains_key("x5t#S256");
    if let Some(chain) = header.get_mut("x5c") {
        *chain = format!("<{} certificates>", chain.as_array()?.len()).into();
    }
    let members = |of: Map<String, Value>| of.into_iter().map(|(name, value)| format!("{name}: {value}"));
    is_one.then(|| members(header).chain(members(claims)).collect())
}

/// The value of a header, without what changes with each run or release: an id that is a random UUID (RFC 9562,
/// section 5.4), and the version of the component.
fn without_changing_parts(name: &str, value: &str) -> String {
    let is_random_uuid = |value: &str| {
        let parts: Vec<_> = value.split('-').collect();
        let is_hex = |part: &&str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
            && parts.iter().all(is_hex)
            && parts[2].starts_with('4')
            && parts[3].starts_with(['8', '9', 'a', 'b'])
    };
    match name {
        "client-request-id" if is_random_uuid(value) => "<random uuid>".to_owned(),
        "user-agent" => value.replace(env!("CARGO_PKG_VERSION"), "<version>"),
        _ => value.to_owned(),
    }
}

fn split_query(uri: &str) -> (String, Vec<(String, String)>) {
    let (address, query) = uri.split_once('?').unwrap_or((uri, ""));
    (address.to_owned(), url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

/// The longest secrets first: one may hold another.
fn hide(text: &str, secrets: &[(String, String)]) -> String {
    let mut secrets: Vec<_> = secrets.iter().filter(|(_, secret)| !secret.is_empty()).collect();
    secrets.sort_by_key(|(_, secret)| std::cmp::Reverse(secret.len()));
    secrets
        .iter()
        .fold(text.to_owned(), |text, (name, secret)| text.replace(secret.as_str(), &format!("<{name}>")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_rendered_in_a_stable_order_and_without_secrets() {
        let request = Request::post("https://service.example/token?b=2%203&a=x")
            .header("host", "service.example")
            .header("x-second", "long secret")
            .header("accept", "application/json")
            .header("client-request-id", "0708090a-0b0c-4d0e-8f10-111213141516")
            .body(Bytes::from_static(b"grant_type=refresh&client_secret=a+secret%21"))
            .expect("a request");
        let sent = Sent { at: Duration::from_millis(1449), request, timeouts: None };
        let secrets = [("short".into(), "secret".into()), ("long".into(), "long secret".into())];
        assert_eq!(
            sent.render(&secrets),
            "POST https://service.example/token\n  ? b = 2 3\n  ? a = x\n  accept: application/json\n  \
             client-request-id: <random uuid>\n  \
             x-second: <long>\n  grant_type = refresh\n  client_<short> = a <short>!\n  at 1.4 s\n"
        );
    }
}
