//! The responses of a case's rules.

use crate::case::{Action, Respond};
use anyhow::{Context, Result};
use azure_simulator::timestamp;
use bytes::Bytes;
use host_tests::network::{Fault, Outcome};
use http::Response;
use serde_json::{Value, json};

/// The response of a rule at the time `now`, in Unix seconds.
///
/// # Errors
/// When its status or a header is invalid.
pub fn build(respond: &Respond, now: u64) -> Result<Outcome> {
    if let Some(action) = respond.action {
        return Ok(Outcome::Fault(fault(action)));
    }
    let mut response = Response::builder().status(respond.status.unwrap_or(200));
    for (name, value) in &respond.headers {
        response = response.header(name, value);
    }
    let has_type = respond.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
    let body = match (&respond.json, &respond.body) {
        (Some(value), _) => {
            if !has_type {
                response = response.header("content-type", JSON);
            }
            with_times(value, now).to_string()
        }
        (None, body) => body.clone().unwrap_or_default(),
    };
    let response = response.body(Bytes::from(body));
    Ok(Outcome::Response(response.context("a rule's response has an invalid status or header")?))
}

/// A response with a JSON body.
pub fn json(status: u16, value: Value) -> Respond {
    Respond { status: Some(status), json: Some(value), ..Respond::default() }
}

fn fault(action: Action) -> Fault {
    match action {
        Action::Refuse => Fault::Refused,
        Action::Reset => Fault::ResetBeforeResponse,
        Action::Unreachable => Fault::Unroutable,
        Action::ConnectTimeout => Fault::ConnectTimeoutAtOnce,
        Action::ReadTimeout => Fault::ReadTimeoutAtOnce,
    }
}

/// Replaces `{"$now": n}` (a number), `{"$now_str": n}` and `{"$now_fmt": [n, format]}` with the time in `n` seconds.
fn with_times(value: &Value, now: u64) -> Value {
    let later = |seconds: Option<&Value>| {
        now.saturating_add_signed(seconds.and_then(Value::as_i64).unwrap_or_default())
    };
    match value {
        Value::Object(map) => {
            if let Some(seconds) = map.get("$now") {
                json!(later(Some(seconds)))
            } else if let Some(seconds) = map.get("$now_str") {
                json!(later(Some(seconds)).to_string())
            } else if let Some(parts) = map.get("$now_fmt") {
                let format = parts.get(1).and_then(Value::as_str).unwrap_or_default();
                json!(timestamp::strftime(later(parts.get(0)), format))
            } else {
                map.iter().map(|(name, value)| (name.clone(), with_times(value, now))).collect()
            }
        }
        Value::Array(items) => items.iter().map(|item| with_times(item, now)).collect(),
        other => other.clone(),
    }
}

const JSON: &str = "application/json; charset=utf-8";
