//! A request of an app through http-auth, and what each of its steps costs.

use crate::figures::{Goal, Row, Section, Value};
use crate::measure::middleware::{Between, Servers, request, runtime};
use crate::measure::timing::interleaved;
use crate::measure::token_server::TokenServer;
use anyhow::Result;
use std::time::Duration;

/// The time of a request, and the differences between what stands in its way.
///
/// # Errors
/// When a request fails.
pub fn section(server: &TokenServer) -> Result<Section> {
    let (runtime, service) = (runtime()?, TokenServer::start()?);
    let servers = Servers { tokens: server, service: &service };
    let sample = |between, body| request(&runtime, &servers, between, body);
    let times = interleaved(
        SAMPLES,
        [
            sample(Between::Nothing, 0)?,
            sample(Between::PassThrough, 0)?,
            sample(Between::SetsAHeader(""), 0)?,
            sample(Between::SetsAHeader("clocks"), 0)?,
            sample(Between::SetsAHeader("look"), 0)?,
            sample(Between::SetsAHeader("response"), 0)?,
            sample(Between::SetsAHeader("clocks look response"), 0)?,
            sample(Between::Pass, 0)?,
            sample(Between::HttpAuth, 0)?,
            sample(Between::Hooks, 0)?,
            sample(Between::Nothing, BODY)?,
            sample(Between::PassThrough, BODY)?,
            sample(Between::SetsAHeader("forward-body clocks response"), BODY)?,
            sample(Between::SetsAHeader("copy-body clocks response"), BODY)?,
            sample(Between::HttpAuth, BODY)?,
        ],
    )?;
    let [nothing, through, header, clocks, look, response, all_steps, pass, auth, hooks, bodies @ ..] = times;
    let [body, body_through, body_forwarded, body_copied, body_auth] = bodies;
    let above = |time: Duration, than: Duration| Value::Time(time.saturating_sub(than));
    let row = |what: &str, ours, others: Vec<(&'static str, Value)>, goals| Row {
        what: what.to_owned(),
        ours,
        others: others.into_iter().map(|(name, value)| (name, Some(value))).collect(),
        goals,
    };
    let step = |what: &str, ours| row(what, ours, vec![], vec![]);
    let rows = vec![
        row(
            ADDED,
            above(auth, nothing),
            vec![
                (GOAL, Value::Time(Duration::from_micros(58))),
                (SETS, above(header, nothing)),
                (STEPS, above(all_steps, nothing)),
                (HOOKS, above(hooks, nothing)),
            ],
            vec![Goal { by: GOAL, at_most: 1.0 }],
        ),
        row(
            "added to a request with a body of 1 KiB",
            above(body_auth, body),
            vec![
                (THROUGH, above(body_through, body)),
                (FORWARDS, above(body_forwarded, body)),
                (COPIES, above(body_copied, body)),
            ],
            vec![],
        ),
        step("step: the way through another component", above(through, nothing)),
        step("step: a copy of the request with another header", above(header, through)),
        step("step: reading the request and the rules", above(pass, through)),
        step("step: both clocks, for the lookup of the token", above(clocks, header)),
        step("step: whether there is a body, without waiting", above(look, header)),
        step("step: the headers of the response", above(response, header)),
        step("step: the rest of http-auth's own work", above(auth, all_steps)),
    ];
    let mut findings = if rows[0].misses() { vec![explained(&rows)] } else { vec![] };
    findings.push(of_the_body(&rows[1]));
    Ok(Section {
        title: "A request through http-auth",
        how: "An app of WASI 0.3 sends a GET over loopback, with a new connection each time, without http-auth and through it; its token is \
              stored. Each step is the difference between two components that differ in that step alone, so the steps overlap by \
              what the differences vary.",
        findings,
        rows,
        chart: None,
        moved: None,
    })
}

fn explained(rows: &[Row]) -> String {
    let added = &rows[0];
    let floor = added.other(STEPS).map_or(0.0, Value::number);
    format!(
        "http-auth adds {}. A component that sets a constant header and makes the calls of the host that http-auth cannot avoid (both \
         clocks, a look for a body, the headers of the response) adds {:.0} µs: no implementation as a component adds less. The rules, the \
         lookup and the search for the token in the response are the other {:.0} µs. As hooks of the embedder's crate the same rules add {}.",
        added.ours,
        floor * 1e6,
        (added.ours.number() - floor) * 1e6,
        added.other(HOOKS).map_or_else(|| "–".to_owned(), |value| value.to_string()),
    )
}

/// What the body of a request costs.
fn of_the_body(added: &Row) -> String {
    let [through, forwards, copies] =
        [THROUGH, FORWARDS, COPIES].map(|name| added.other(name).map_or(0.0, Value::number) * 1e6);
    format!(
        "A body of 1 KiB: http-auth adds {}. It reads the body, writes it and keeps a copy, so that the request can be sent again after a \
         challenge. A component that does no more than that adds {copies:.0} µs, one that forwards the stream {forwards:.0} µs, one that \
         forwards the whole request {through:.0} µs. A rule with `keep=0` forwards the stream.",
        added.ours,
    )
}

/// The first row.
pub const ADDED: &str = "added to a request without a body";
const BODY: usize = 1024;
/// A sample takes about 8 ms.
const SAMPLES: usize = 101;
const GOAL: &str = "58 µs";
const SETS: &str = "a component that sets a header";
const STEPS: &str = "the same, with all calls that cannot be avoided";
const HOOKS: &str = "http-auth as hooks of the embedder's crate";
const THROUGH: &str = "a component that forwards it";
const FORWARDS: &str = "one that makes the same calls, and forwards the body";
const COPIES: &str = "the same, with a copy of the body";
