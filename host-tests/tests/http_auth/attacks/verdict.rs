//! Compares what happened with what a row says.

use super::hostile_service::{MARK, tokens};
use super::row::Attack;
use anyhow::{Result, ensure};
use bytes::Bytes;
use http::{HeaderMap, Request};

/// What is known after a row was run.
#[derive(Default)]
pub struct Observed {
    /// The requests of the app that were sent, of its last one.
    pub sent: Vec<Request<Bytes>>,
    /// What the app learned of its last request, one fact a line (`guests/http-client/src/raw.rs`).
    pub learned: String,
    /// The lines of http-auth.
    pub log: String,
}

/// How a row was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// As it says.
    AsItSays,
    /// wasmtime refused the request, and asked its hooks for no decision.
    ByWasmtime,
}

/// Checks the verdict of a row. The error is the difference.
pub fn check(attack: &Attack, observed: &Observed) -> Result<()> {
    let Observed { sent, learned, log } = observed;
    let sent: Vec<_> = sent.iter().map(describe).collect();
    let nothing_with = |error: &str| -> Result<()> {
        ensure!(
            learned == &format!("error: ErrorCode::{error}\n"),
            "it is not refused: {learned}{sent:?}\n{log}"
        );
        ensure!(sent.is_empty(), "it is sent: {sent:?}");
        Ok(())
    };
    let logged = |text: &str| -> Result<()> {
        ensure!(log.contains(text), "the log has no {text:?}: {log}");
        Ok(())
    };
    if let Some(reason) = &attack.refused {
        nothing_with("HttpRequestDenied")?;
        logged(reason)?;
    }
    if let Some(reason) = &attack.blocked {
        nothing_with("ConfigurationError")?;
        logged(reason)?;
    }
    if let Some(part) = &attack.not_built {
        ensure!(learned == &format!("not built: {part}\n"), "the host builds it: {learned}{sent:?}");
    }
    if let Some(error) = &attack.fails {
        ensure!(
            learned.starts_with(&format!("error: ErrorCode::{error}")),
            "no such error: {learned}{sent:?}\n{log}"
        );
    }
    if let Some(expected) = &attack.sent {
        ensure!(
            &sent == expected,
            "sent is\n  {}\ninstead of\n  {}\n{learned}{log}",
            sent.join("\n  "),
            expected.join("\n  ")
        );
        let status = attack.status.unwrap_or(200);
        ensure!(
            learned.starts_with(&format!("status: {status}\n")),
            "the status is not {status}: {learned}{log}"
        );
    }
    if let (Some(expected), Some(last)) = (&attack.with, observed.sent.last()) {
        let fields = fields(last);
        // Where the host writes `host` alone, the app's is not sent.
        let is_sent = |field: &&String| !(field.starts_with("host: ") && has_one_host(last));
        let expected: Vec<_> = expected.iter().filter(is_sent).cloned().collect();
        ensure!(fields == expected, "the headers are {fields:?} instead of {expected:?}");
    }
    attack.logged.as_deref().map_or(Ok(()), logged)
}

/// `GET https://… with a token for https://…`.
fn describe(request: &Request<Bytes>) -> String {
    let resources = tokens(request).into_iter().filter_map(|token| {
        let claims = azure_simulator::jwt::verify(&token)?;
        claims["aud"].as_str().map(ToOwned::to_owned)
    });
    let resources: Vec<_> = resources.collect();
    let token = match resources.as_slice() {
        [] => "without a token".to_owned(),
        several => format!("with a token for {}", several.join(" and for ")),
    };
    format!("{} {} {token}", request.method(), request.uri())
}

/// Whether a request has one `host`, which is its authority.
fn has_one_host(request: &Request<Bytes>) -> bool {
    let hosts: Vec<_> = request.headers().get_all("host").iter().map(|host| host.as_bytes()).collect();
    hosts.len() == 1 && request.uri().authority().is_some_and(|it| it.as_str().as_bytes() == hosts[0])
}

/// The headers and trailers that differ from one row to another, sorted.
fn fields(request: &Request<Bytes>) -> Vec<String> {
    let line = |prefix: &'static str| {
        move |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            format!("{prefix}{name}: {}", String::from_utf8_lossy(value.as_bytes()))
        }
    };
    let trailers = request.extensions().get::<HeaderMap>().into_iter().flatten();
    let count = |name: &str| request.headers().get_all(name).iter().count();
    let has_token = !tokens(request).is_empty();
    let is_usual = |name: &str| match name {
        "authorization" => has_token && count(name) == 1,
        "host" => count(name) == 1,
        _ => name == MARK,
    };
    let headers = request.headers().iter().filter(|(name, _)| !is_usual(name.as_str()));
    let mut fields: Vec<_> = headers.map(line("")).chain(trailers.map(line("trailer "))).collect();
    fields.sort_unstable();
    fields
}
