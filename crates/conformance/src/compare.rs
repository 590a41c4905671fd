//! Compares the component with an SDK. Every difference has a name, which the rules of `corpus/divergences.toml` refer to:
//!
//! | name | what differs |
//! |---|---|
//! | `outcome:theirs/ours` | the kind of the outcome |
//! | `token`, `expiry` | the token; its expiry, by more than two seconds |
//! | `method`, `url`, `query:name`, `header:name`, `form:name`, `jwt:name` | a part of a request |
//! | `jwt:alg:theirs/ours` | the signature algorithm of a JWT |
//! | `missing:n x METHOD url`, `extra:n x METHOD url` | a request that only the SDK, or only the component, sends, and how often |
//! | `retry-count:theirs/ours` | how often a request is sent |
//! | `retry-times:ours` | the waits between attempts; `doubling-from-0.8`, else the component's waits |
//! | `calls` | the number of calls: the case is malformed |

use crate::align::{Pair, align};
use crate::case::{Attempts, Case, Done, Observed};
use crate::outcome::is_same_kind;
use crate::probe;
use crate::request_differences::{self, Named};
use crate::retries;

/// A difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The call, from 1; 0: the case as a whole.
    pub call: usize,
    /// The name.
    pub name: String,
    /// What the component does, and what the SDK does, for the reader.
    pub detail: String,
}

/// The differences between an SDK and the component in a case; none: they agree.
pub fn compare(case: &Case, observed: &Observed, ours: &[Done]) -> Vec<Difference> {
    let is_chain = matches!(case.credential.as_str(), "ChainedTokenCredential" | "DefaultAzureCredential");
    let mut found = Vec::new();
    if observed.calls.len() != ours.len() {
        let detail = format!("{} calls, {} has {}", ours.len(), observed.sdk, observed.calls.len());
        found.push(Difference { call: 0, name: "calls".to_owned(), detail });
    }
    for (index, (theirs, ours)) in observed.calls.iter().zip(ours).enumerate() {
        let mut named = outcomes(theirs, ours, is_chain);
        for pair in align(&probe::without(&theirs.sent, &ours.sent), &ours.sent) {
            named.extend(requests(&observed.sdk, &pair));
        }
        let call = index + 1;
        found.extend(named.into_iter().map(|(name, detail)| Difference { call, name, detail }));
    }
    found
}

fn outcomes(theirs: &Done, ours: &Done, is_chain: bool) -> Vec<Named> {
    let (their, our) = (&theirs.outcome, &ours.outcome);
    if !is_same_kind(their, our, is_chain) {
        let name = format!("outcome:{}/{}", their.kind, our.kind);
        return vec![(name, format!("{}, theirs is {}", our.message, their.kind))];
    }
    let mut found = Vec::new();
    if their.token != our.token {
        found.push(("token".to_owned(), format!("{:?}, theirs is {:?}", our.token, their.token)));
    }
    let offset = their.expires_on.zip(our.expires_on).map(|(theirs, ours)| ours - theirs);
    if let Some(offset) = offset.filter(|offset| !is_same_expiry(*offset, theirs, ours)) {
        found.push(("expiry".to_owned(), format!("{offset:+} s")));
    }
    found
}

/// Whether both tokens expire at the same time. The expiry in a response follows the server's clock, so it is later when
/// the response came after longer waits; in the recordings of JavaScript, that clock stands still during waits.
fn is_same_expiry(offset: f64, theirs: &Done, ours: &Done) -> bool {
    let waited = |done: &Done| done.sent.iter().flat_map(|sent| sent.waits.iter().flatten()).sum::<f64>();
    [0.0, waited(ours), waited(ours) - waited(theirs)].iter().any(|later| (offset - later).abs() <= 2.0)
}

fn requests(sdk: &str, pair: &Pair) -> Vec<Named> {
    match pair {
        Pair::Both(theirs, ours) => {
            let mut found = request_differences::differences(&theirs.request, &ours.request);
            found.extend(retried(sdk, theirs, ours));
            found
        }
        Pair::Theirs(theirs) => vec![unpaired("missing", theirs)],
        Pair::Ours(ours) => vec![unpaired("extra", ours)],
    }
}

fn unpaired(kind: &str, Attempts { request, times, .. }: &Attempts) -> Named {
    (format!("{kind}:{times} x {}", request.line()), String::new())
}

fn retried(sdk: &str, theirs: &Attempts, ours: &Attempts) -> Option<Named> {
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
