//! What a rule answers, with its times put in.

use super::corpus::Respond;
use bytes::Bytes;
use azure_simulator::timestamp;
use host_tests::clock::Clock;
use host_tests::network::{Answer, Fault};
use http::Response;
use serde_json::{Value, json};

/// The answer of a rule.
pub fn of(respond: &Respond, clock: &Clock) -> Answer {
    if let Some(action) = &respond.action {
        return Answer::Fault(match action.as_str() {
            "refuse" => Fault::Refused,
            "reset" => Fault::ResetBeforeResponse,
            "unreachable" => Fault::Unroutable,
            "connect_timeout" => Fault::ConnectTimeoutAtOnce,
            "read_timeout" => Fault::ReadTimeoutAtOnce,
            action => panic!("no rule may ask for {action}"),
        });
    }
    let mut response = Response::builder().status(respond.status.unwrap_or(200));
    for (name, value) in &respond.headers {
        response = response.header(name, value);
    }
    let named = respond.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
    let body = match (&respond.json, &respond.body) {
        (Some(value), _) => {
            if !named {
                response = response.header("content-type", JSON);
            }
            with_times(value, clock.now()).to_string()
        }
        (None, body) => body.clone().unwrap_or_default(),
    };
    Answer::Response(response.body(Bytes::from(body)).expect("recorded headers are headers"))
}

/// An answer in JSON.
pub fn json((status, value): &(u16, Value)) -> Answer {
    let respond = Respond { status: Some(*status), json: Some(value.clone()), ..Respond::default() };
    of(&respond, &Clock::simulated())
}

/// Puts times in the place of `{"$now": n}` (a number), `{"$now_str": n}` and `{"$now_fmt": [n, format]}`.
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
                json!(timestamp::format(later(parts.get(0)), format))
            } else {
                map.iter().map(|(name, value)| (name.clone(), with_times(value, now))).collect()
            }
        }
        Value::Array(items) => items.iter().map(|item| with_times(item, now)).collect(),
        other => other.clone(),
    }
}

const JSON: &str = "application/json; charset=utf-8";
