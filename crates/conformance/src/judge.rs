//! What differs between the component and an SDK. Every difference has a name, which the rules of
//! `corpus/divergences.toml` refer to:
//!
//! | name | what differs |
//! |---|---|
//! | `outcome:theirs/ours` | the kind of the outcome |
//! | `token`, `expiry` | the token; its end, by more than two seconds |
//! | `method`, `url`, `query:name`, `header:name`, `form:name`, `jwt:name` | a part of a request |
//! | `missing:n x METHOD url`, `extra:n x METHOD url` | a request that only they, or only we, send, and how often |
//! | `probe` | the SDKs' question whether there is an IMDS, which we do not ask |
//! | `retry-count:theirs/ours` | how often a request is sent |
//! | `retry-times:ours` | when it is sent again; `doubling-from-0.8`, else our waits |

use super::align::{Pair, align};
use super::corpus::{Attempts, Case, Done, Observed};
use super::outcome::is_same_kind;
use super::request::Request;
use super::retries;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Something that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// In which call, from 1.
    pub call: usize,
    /// Its name.
    pub name: String,
    /// What they do and what we do, for people.
    pub detail: String,
}

/// Everything that differs between what an SDK did in a case and what we did; nothing: they agree.
pub fn differences(case: &Case, observed: &Observed, ours: &[Done]) -> Vec<Difference> {
    let is_chain = matches!(case.credential.as_str(), "ChainedTokenCredential" | "DefaultAzureCredential");
    let mut found = Vec::new();
    if observed.calls.len() != ours.len() {
        let detail = format!("{} calls, {} has {}", ours.len(), observed.sdk, observed.calls.len());
        found.push(Difference { call: 0, name: "calls".to_owned(), detail });
    }
    for (index, (theirs, ours)) in observed.calls.iter().zip(ours).enumerate() {
        let mut say = |(name, detail): Said| found.push(Difference { call: index + 1, name, detail });
        outcomes(theirs, ours, is_chain).into_iter().for_each(&mut say);
        for pair in align(&theirs.sent, &ours.sent) {
            requests(&observed.sdk, &pair).into_iter().for_each(&mut say);
        }
    }
    found
}

/// The name and the detail of a difference.
type Said = (String, String);

fn outcomes(theirs: &Done, ours: &Done, is_chain: bool) -> Vec<Said> {
    let (their, our) = (&theirs.outcome, &ours.outcome);
    if !is_same_kind(their, our, is_chain) {
        let name = format!("outcome:{}/{}", their.kind, our.kind);
        return vec![(name, format!("{}, theirs is {}", our.message, their.kind))];
    }
    let mut found = Vec::new();
    if their.token != our.token {
        found.push(("token".to_owned(), format!("{:?}, theirs is {:?}", our.token, their.token)));
    }
    let apart = their.expires_on.zip(our.expires_on).map(|(theirs, ours)| ours - theirs);
    found.extend(
        apart
            .filter(|apart| !is_same_end(*apart, theirs, ours))
            .map(|apart| ("expiry".to_owned(), format!("{apart:+} s"))),
    );
    found
}

/// Whether tokens end together. The server's times follow its clock, so an answer that comes after more
/// waiting ends later; in the recordings of JavaScript that clock stands still meanwhile.
fn is_same_end(apart: f64, theirs: &Done, ours: &Done) -> bool {
    let waited = |done: &Done| done.sent.iter().flat_map(|sent| sent.waits.iter().flatten()).sum::<f64>();
    [0.0, waited(ours), waited(ours) - waited(theirs)].iter().any(|later| (apart - later).abs() <= 2.0)
}

fn requests(sdk: &str, pair: &Pair) -> Vec<Said> {
    match pair {
        Pair::Both(theirs, ours) => {
            let mut found = fields(&theirs.request, &ours.request);
            found.extend(again(sdk, theirs, ours));
            found
        }
        Pair::Theirs(theirs) if theirs.request.is_probe() => {
            vec![("probe".to_owned(), "not asked".to_owned())]
        }
        Pair::Theirs(theirs) => vec![said("missing", theirs)],
        Pair::Ours(ours) => vec![said("extra", ours)],
    }
}

fn said(what: &str, Attempts { request, times, .. }: &Attempts) -> Said {
    (format!("{what}:{times} x {}", request.line()), String::new())
}

fn again(sdk: &str, theirs: &Attempts, ours: &Attempts) -> Option<Said> {
    if theirs.times != ours.times {
        let name = format!("retry-count:{}/{}", theirs.times, ours.times);
        return Some((name, format!("sent {} times, {sdk} {} times", ours.times, theirs.times)));
    }
    let (theirs, ours) = (theirs.waits.as_deref()?, ours.waits.as_deref()?);
    (!retries::is_same(sdk, theirs, ours)).then(|| {
        let detail = format!("waits {}, {sdk} {}", retries::list(ours), retries::list(theirs));
        (format!("retry-times:{}", retries::schedule(ours)), detail)
    })
}

/// What differs between two requests, part by part.
pub fn fields(theirs: &Request, ours: &Request) -> Vec<Said> {
    let mut found = Vec::new();
    for (name, theirs, ours) in [("method", &theirs.method, &ours.method), ("url", &theirs.url, &ours.url)] {
        if theirs != ours {
            found.push((name.to_owned(), format!("{ours}, theirs is {theirs}")));
        }
    }
    found.extend(maps("query", &lists(&theirs.query), &lists(&ours.query)));
    let headers = |request: &Request| lists(&request.headers.clone().into_iter().collect::<Vec<_>>());
    found.extend(maps("header", &headers(theirs), &headers(ours)));
    found.extend(maps("form", &lists(&theirs.form), &lists(&ours.form)));
    for (field, theirs) in &theirs.jwt {
        if let Some(ours) = ours.jwt.get(field) {
            found.extend(maps("jwt", &values(&theirs.header), &values(&ours.header)));
            found.extend(maps("jwt", &values(&theirs.claims), &values(&ours.claims)));
        }
    }
    found
}

fn lists(parameters: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let mut lists: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (name, value) in parameters {
        lists.entry(name.clone()).or_default().push(value.clone());
    }
    lists
}

fn values(members: &Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    members.iter().map(|(name, value)| (name.clone(), vec![text(value)])).collect()
}

type Named = BTreeMap<String, Vec<String>>;

fn maps(what: &str, theirs: &Named, ours: &Named) -> Vec<Said> {
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
        Some((format!("{what}:{name}"), detail))
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
