//! Cached tokens: one, many, and for many callers at once.

use super::labels::{CLOCKS_FLOOR, CONSTANT_FLOOR, FIVE, ONE_CALLER, ONE_KEY, PLUGGED, RUST, of_peers};
use crate::figures::{Goal, Row, Section, Value};
use crate::guests::{FIXED_TOKEN, FIXED_TOKEN_0_3};
use crate::measure::benchmark_host::{BenchmarkHost, Counting};
use crate::measure::peers::Peers;
use crate::measure::timing::SAMPLES;
use crate::measure::token_server::TokenServer;
use crate::measure::{concurrent, timing};
use anyhow::Result;
use host_tests::edition::Edition;
use std::time::Duration;

/// A cached call, from a component and from the host.
///
/// # Errors
/// When a provider returns no token.
pub fn one(server: &TokenServer, peers: &Peers) -> Result<Section> {
    let host = BenchmarkHost::new(Counting::Nothing)?;
    let row = |what: &str, [ours, constant, clocks]: [_; 3], goals| {
        let mut others =
            vec![(CONSTANT_FLOOR, Some(Value::Time(constant))), (CLOCKS_FLOOR, Some(Value::Time(clocks)))];
        others.extend(of_peers(peers, |peer| peer.cached.map(Value::Time)));
        Row { what: what.to_owned(), ours: Value::Time(ours), others, goals }
    };
    let (one, clocks) = (timing::scopes(1), timing::clocks());
    let from_component = |path, scopes: &[String]| timing::cached_from_component(&host, path, server, scopes);
    let from_host = |path, scopes: &[String]| timing::cached_from_host(&host, path, server, scopes);
    let all = [(provider(), &one), (FIXED_TOKEN, &one), (FIXED_TOKEN, &clocks)];
    let [ours, constant, reading] = all.map(|(path, scopes)| from_component(path, scopes));
    let plugged = [ours?, constant?, reading?];
    let [ours, constant, reading] = all.map(|(path, scopes)| from_host(path, scopes));
    let called = [ours?, constant?, reading?];
    let by_floor = Goal { by: CONSTANT_FLOOR, at_most: 1.25 };
    Ok(Section {
        title: "A cached token",
        why: "Missed: most of the time above the constant goes into reading both clocks, which keeps the component from returning an \
              expired token after the wall clock was set back; the SDKs read one clock, without a call across a component \
              boundary. The rest is the lookup, the copy of the token and the zeroing of freed memory. Even a constant from another \
              component takes longer than the whole call in the native crate.",
        how: "A token of 1,500 bytes, from the instance's memory. The floor is a component that returns a constant of that size. A \
              component that returns it after reading the wall clock and the monotonic clock is the floor for a cache that never \
              returns an expired token, even when the wall clock is set back.",
        rows: vec![
            row(
                PLUGGED,
                timing::interleaved(SAMPLES, plugged)?,
                vec![by_floor, Goal { by: RUST, at_most: 1.0 }],
            ),
            row("cached token, host → component", timing::interleaved(SAMPLES, called)?, vec![by_floor]),
        ],
    })
}

/// A cached call with up to 1,000 tokens in the cache.
///
/// # Errors
/// When a provider returns no token.
pub fn among_many(server: &TokenServer) -> Result<Section> {
    let host = BenchmarkHost::new(Counting::Nothing)?;
    let from_host = |keys| timing::cached_from_host(&host, provider(), server, &timing::scopes(keys));
    let [one, many @ ..] =
        timing::interleaved(SAMPLES, [from_host(1)?, from_host(10)?, from_host(100)?, from_host(1000)?])?;
    let rows = [10, 100, 1000].into_iter().zip(many).map(|(keys, ours)| Row {
        what: format!("host → component, {keys} tokens in the cache"),
        ours: Value::Time(ours),
        others: vec![(ONE_KEY, Some(Value::Time(one)))],
        goals: vec![Goal { by: ONE_KEY, at_most: 1.25 }],
    });
    Ok(Section {
        title: "A cached token among many",
        why: "",
        how: "The calls request the tokens in turn, so each call finds another one than the call before.",
        rows: rows.collect(),
    })
}

/// A cached call of the edition for WASI 0.3, for up to 1,000 callers at once.
///
/// # Errors
/// When a provider returns no token.
pub fn many_callers(server: &TokenServer) -> Result<Section> {
    let component = Edition::Wasi03.component();
    let (scope, clocks) = (&timing::scopes(1)[0], &timing::clocks()[0]);
    let cached =
        |path, scope| -> timing::Sample<'_> { Box::new(move || concurrent::cached(path, server, scope, 1)) };
    let hanging: timing::Sample<'_> =
        Box::new(|| concurrent::cached_beside_hanging(component, server, scope));
    let all =
        [cached(component, scope), cached(FIXED_TOKEN_0_3, scope), cached(FIXED_TOKEN_0_3, clocks), hanging];
    let [one, constant, reading, hanging] = timing::interleaved(FEW_SAMPLES, all)?;
    let row = |callers: usize, ours, others, goal| Row {
        what: format!("host → component, async, callers at once: {callers}"),
        ours: Value::Time(ours),
        others,
        goals: vec![goal],
    };
    let floors =
        vec![(CONSTANT_FLOOR, Some(Value::Time(constant))), (CLOCKS_FLOOR, Some(Value::Time(reading)))];
    let mut rows = vec![row(1, one, floors, Goal { by: CONSTANT_FLOOR, at_most: 1.2 })];
    rows.push(Row {
        what: "the same, while a call for another token hangs".to_owned(),
        ours: Value::Time(hanging),
        others: vec![
            (FIVE, Some(Value::Time(Duration::from_micros(5)))),
            (ONE_CALLER, Some(Value::Time(one))),
        ],
        goals: vec![Goal { by: FIVE, at_most: 1.0 }],
    });
    for callers in [10, 100, 1000] {
        let ours = concurrent::cached(component, server, scope, callers)?;
        let others = vec![(ONE_CALLER, Some(Value::Time(one)))];
        rows.push(row(callers, ours, others, Goal { by: ONE_CALLER, at_most: 1.25 }));
    }
    Ok(Section {
        title: "A cached token for many callers at once",
        why: "Missed: reading both clocks takes most of the difference, as above, then two more calls to the host and the lookup.",
        how: "The edition for WASI 0.3, one instance; the time of one call. The floor is a component that returns a constant \
              from the same async function, with or without reading both clocks first.",
        rows,
    })
}

fn provider() -> &'static str {
    Edition::Wasi02.component()
}

/// Each of these samples starts an instance.
const FEW_SAMPLES: usize = 5;
