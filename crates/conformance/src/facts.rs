//! The facts about a call that a rule of `corpus/divergences.toml` may require in `when`:
//!
//! | fact | meaning |
//! |---|---|
//! | `credential:NAME`, `env:NAME`, `option:NAME` | the credential's class; a variable that is set; an argument of the constructor |
//! | `file:trailing-newline PATH` | a file that ends with a newline |
//! | `call:claims`, `call:tenant-id` | the call has claims; it has a tenant |
//! | `scope:TEXT`, `scopes:COUNT` | a scope; the number of scopes |
//! | `scopes:changed` | this call or an earlier one has other scopes than the first call |
//! | `resource:respelled` | an earlier call requested the same resource in another spelling, with or without `/.default` |
//! | `request:METHOD URL` | the component sent the request |
//! | `response:STATUS METHOD URL`, `fault:NAME METHOD URL` | the last response to that request, or the network fault in its place |
//! | `response-body:not-json` | a last response is no JSON object |
//! | `response-lacks:NAME` | a last response has no member `access_token`, `expires_in`, `expires_on` or `resource` |
//! | `response-member:NAME=VALUE` | a member of a last response |
//! | `challenge:no-key-file` | a response has a `Basic` challenge whose file lacks the extension `.key` |
//! | `cached-token:past-half-life` | the component had a token that lives two hours or more, and half of that is over |
//! | `cached-token:last-five-minutes` | the component had a valid token with at most five minutes left |
//! | `renewal:failed-recently` | the component failed to renew a token less than 30 s before |
//! | `their-token:ended` | the SDK returned a token with less than five minutes left |
//! | `earlier FACT` | a fact about a request or a response of an earlier call |
//! | `differs:NAME` | a difference from the same SDK in the same call |

use crate::case::{Call, Case, Observed};
use crate::outcome::Outcome;
use crate::replay::{Replayed, START};
use crate::script::{Exchange, Reply};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The facts about a call.
pub type Facts = BTreeSet<String>;

/// The facts about each call of a case, as far as they concern the component and this SDK. `differs` facts are not among them.
pub fn of_calls(case: &Case, observed: &Observed, replayed: &Replayed) -> Vec<Facts> {
    let of_case = of_case(case);
    let mut earlier = Facts::new();
    let mut all = Vec::new();
    for (index, call) in case.calls.iter().enumerate() {
        let exchanges =
            replayed.exchanges.get(index).map(|exchanges| of_exchanges(exchanges)).unwrap_or_default();
        let mut facts = of_case.clone();
        facts.extend(of_call(case, index, call));
        facts.extend(of_cache(case, replayed, index));
        facts.extend(of_sdk(observed, replayed, index));
        facts.extend(earlier.iter().cloned());
        facts.extend(exchanges.iter().cloned());
        earlier.extend(exchanges.iter().map(|fact| format!("earlier {fact}")));
        all.push(facts);
    }
    all
}

fn of_case(case: &Case) -> Facts {
    let mut facts = Facts::from([format!("credential:{}", case.credential)]);
    facts.extend(case.env.keys().map(|name| format!("env:{name}")));
    facts.extend(case.options.keys().map(|name| format!("option:{name}")));
    for (path, content) in &case.files {
        if content.bytes().is_ok_and(|bytes| bytes.ends_with(b"\n")) {
            facts.insert(format!("file:trailing-newline {path}"));
        }
    }
    facts
}

fn of_call(case: &Case, index: usize, call: &Call) -> Facts {
    let mut facts = Facts::from([format!("scopes:{}", call.scopes.len())]);
    facts.extend(call.scopes.iter().map(|scope| format!("scope:{scope}")));
    let resource = |scope: &str| scope.strip_suffix("/.default").unwrap_or(scope).to_owned();
    let earlier = case.calls.iter().take(index).flat_map(|call| &call.scopes);
    let is_respelled =
        |known: &String| call.scopes.iter().any(|scope| scope != known && resource(scope) == resource(known));
    let is_changed = case.calls.iter().take(index + 1).any(|it| it.scopes != case.calls[0].scopes);
    for (is_so, fact) in [
        (call.claims.is_some(), "call:claims"),
        (call.tenant_id.is_some(), "call:tenant-id"),
        (is_changed, "scopes:changed"),
        (earlier.into_iter().any(is_respelled), "resource:respelled"),
    ] {
        facts.extend(is_so.then(|| fact.to_owned()));
    }
    facts
}

fn of_exchanges(exchanges: &[Exchange]) -> Facts {
    let last: BTreeMap<_, _> = exchanges.iter().map(|it| (it.request.line(), &it.reply)).collect();
    let mut facts: Facts = last.keys().map(|line| format!("request:{line}")).collect();
    for (line, reply) in last {
        match reply {
            Reply::Fault(action) => {
                facts.insert(format!("fault:{} {line}", action.name()));
            }
            Reply::Response(response) => {
                facts.insert(format!("response:{} {line}", response.status().as_u16()));
                facts.extend(of_response(response));
            }
        }
    }
    facts
}

fn of_response(response: &http::Response<bytes::Bytes>) -> Facts {
    let mut facts = Facts::new();
    let challenge = response.headers().get("www-authenticate").and_then(|value| value.to_str().ok());
    if challenge
        .is_some_and(|it| it.starts_with("Basic realm=") && !it.trim_end_matches('"').ends_with(".key"))
    {
        facts.insert("challenge:no-key-file".to_owned());
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(response.body()) else {
        facts.insert("response-body:not-json".to_owned());
        return facts;
    };
    let lacks = ["access_token", "expires_in", "expires_on", "resource"].into_iter();
    facts.extend(
        lacks.filter(|name| !members.contains_key(*name)).map(|name| format!("response-lacks:{name}")),
    );
    facts.extend(members.iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        format!("response-member:{name}={value}")
    }));
    facts
}

/// What the component's cache held when the call began.
fn of_cache(case: &Case, replayed: &Replayed, index: usize) -> Facts {
    let mut facts = Facts::new();
    let Some((issued, expires)) = cached(case, replayed, index) else { return facts };
    let now = began(replayed, index);
    let (lifetime, left) = (expires - issued, expires - now);
    let is_long_lived = lifetime >= 2.0 * 3600.0;
    let last = replayed.exchanges.iter().take(index).flatten().next_back();
    let failed = last.filter(|exchange| match &exchange.reply {
        Reply::Fault(_) => true,
        Reply::Response(response) => !response.status().is_success(),
    });
    let failed_at = failed.map(|exchange| (START + exchange.at).as_secs_f64());
    for (is_so, fact) in [
        (is_long_lived && now >= issued + lifetime / 2.0, "cached-token:past-half-life"),
        ((0.0..=FIVE_MINUTES).contains(&left), "cached-token:last-five-minutes"),
        (failed_at.is_some_and(|at| now - at < 30.0), "renewal:failed-recently"),
    ] {
        facts.extend(is_so.then(|| fact.to_owned()));
    }
    facts
}

/// When the token of an earlier call for the same scopes was issued and when it expires, in Unix seconds.
fn cached(case: &Case, replayed: &Replayed, index: usize) -> Option<(f64, f64)> {
    let call = &case.calls[index];
    let is_same = |earlier: &Call| earlier.scopes == call.scopes && earlier.tenant_id == call.tenant_id;
    let same: Vec<usize> = (0..index).filter(|earlier| is_same(&case.calls[*earlier])).collect();
    let outcome = |earlier: &usize| -> Option<&Outcome> { Some(&replayed.calls.get(*earlier)?.outcome) };
    let latest = same.iter().rev().find_map(|earlier| outcome(earlier).filter(|it| it.token.is_some()))?;
    let first = same.iter().find(|earlier| outcome(earlier).is_some_and(|it| it.token == latest.token))?;
    Some((began(replayed, *first), latest.expires_on?))
}

fn of_sdk(observed: &Observed, replayed: &Replayed, index: usize) -> Option<String> {
    let expires_on = observed.calls.get(index)?.outcome.expires_on?;
    (expires_on - began(replayed, index) < FIVE_MINUTES).then(|| "their-token:ended".to_owned())
}

/// When a call began, in Unix seconds.
fn began(replayed: &Replayed, index: usize) -> f64 {
    (START + replayed.began.get(index).copied().unwrap_or_default()).as_secs_f64()
}

const FIVE_MINUTES: f64 = 300.0;
