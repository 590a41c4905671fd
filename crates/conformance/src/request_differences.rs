//! The differences between two requests, part by part.

use crate::request::Request;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The name and the detail of a difference; `compare.rs` lists the names.
pub type Named = (String, String);

/// The differences between two requests.
pub fn differences(theirs: &Request, ours: &Request) -> Vec<Named> {
    let mut found = Vec::new();
    for (name, theirs, ours) in [("method", &theirs.method, &ours.method), ("url", &theirs.url, &ours.url)] {
        if theirs != ours {
            found.push((name.to_owned(), format!("{ours}, theirs is {theirs}")));
        }
    }
    found.extend(parts("query", &lists(&theirs.query), &lists(&ours.query)));
    let headers = |request: &Request| lists(&request.headers.clone().into_iter().collect::<Vec<_>>());
    found.extend(parts("header", &headers(theirs), &headers(ours)));
    found.extend(parts("form", &lists(&theirs.form), &lists(&ours.form)));
    for (field, theirs) in &theirs.jwt {
        if let Some(ours) = ours.jwt.get(field) {
            found.extend(parts("jwt", &values(&theirs.header), &values(&ours.header)));
            let claims = as_if_signed_with(&theirs.claims, &ours.claims);
            found.extend(parts("jwt", &values(&theirs.claims), &values(&claims)));
        }
    }
    found
}

/// Our claims with the times that they would have if the JWT had been signed when the SDK signed its own. MSAL sends a JWT
/// again until it expires, so that may have been up to its lifetime earlier; its lifetime is compared.
fn as_if_signed_with(theirs: &Map<String, Value>, ours: &Map<String, Value>) -> Map<String, Value> {
    let time = |claims: &Map<String, Value>, name: &str| claims.get(name).and_then(Value::as_f64);
    let (mut claims, signed) = (ours.clone(), time(theirs, "iat"));
    let later = time(ours, "iat").zip(signed).map(|(ours, theirs)| ours - theirs);
    let lifetime = time(theirs, "exp").zip(signed).map(|(expires, signed)| expires - signed);
    if let Some(later) = later.filter(|later| lifetime.is_some_and(|it| (0.0..it).contains(later))) {
        for name in ["exp", "iat", "nbf"] {
            if let Some(time) = time(ours, name) {
                claims.insert(name.to_owned(), (time - later).into());
            }
        }
    }
    claims
}

/// The values of each parameter, header or claim.
type Values = BTreeMap<String, Vec<String>>;

fn lists(parameters: &[(String, String)]) -> Values {
    let mut lists = Values::new();
    for (name, value) in parameters {
        lists.entry(name.clone()).or_default().push(value.clone());
    }
    lists
}

fn values(members: &Map<String, Value>) -> Values {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    members.iter().map(|(name, value)| (name.clone(), vec![text(value)])).collect()
}

fn parts(kind: &str, theirs: &Values, ours: &Values) -> Vec<Named> {
    let names: BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
    let differing = names.into_iter().filter_map(|name| {
        let (theirs, ours) = (theirs.get(name), ours.get(name));
        let detail = match (theirs, ours) {
            (Some(theirs), Some(ours)) if is_same(name, theirs, ours) => return None,
            (Some(theirs), Some(ours)) => format!("{}, theirs is {}", ours.join(", "), theirs.join(", ")),
            (Some(theirs), None) => format!("missing, theirs is {}", theirs.join(", ")),
            (None, Some(ours)) => format!("{}, theirs is missing", ours.join(", ")),
            (None, None) => return None,
        };
        let values = match (theirs, ours) {
            (Some(theirs), Some(ours)) if name == "alg" => {
                format!(":{}/{}", theirs.join(","), ours.join(","))
            }
            _ => String::new(),
        };
        Some((format!("{kind}:{name}{values}"), detail))
    });
    differing.collect()
}

fn is_same(name: &str, theirs: &[String], ours: &[String]) -> bool {
    theirs.len() == ours.len()
        && theirs.iter().zip(ours).all(|(theirs, ours)| {
            let time = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
            theirs == ours
                || theirs.starts_with("<volatile")
                || match name {
                    "scope" => words(theirs) == words(ours),
                    "claims" => json(theirs).is_some() && json(theirs) == json(ours),
                    "exp" | "iat" | "nbf" => (time(theirs) - time(ours)).abs() <= 2.0,
                    _ => false,
                }
        })
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(' ').collect()
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}
