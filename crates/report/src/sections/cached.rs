//! Cached tokens: one, and one among many.

use super::labels::{
    BY_HAND, CLOCK_FLOOR, CLOCKS_FLOOR, CONSTANT_FLOOR, FOR_SPEED, ONE_KEY, PLUGGED, RUST, TEXT_FLOOR,
    TEXTS_FLOOR, of_peers, of_wasm,
};
use crate::figures::{Compared, Goal, Row, Section, Value};
use crate::guests::{FIXED_TOKEN, for_speed};
use crate::measure::benchmark_host::BenchmarkHost;
use crate::measure::peers::Peers;
use crate::measure::timing::{self, SAMPLES, Sample};
use crate::measure::token_server::TokenServer;
use crate::measure::wasm_peers::WasmPeers;
use anyhow::Result;
use host_tests::edition::Edition;

/// A cached call, from a component and from the host.
///
/// # Errors
/// When a provider returns no token.
pub fn one(host: &BenchmarkHost, server: &TokenServer, peers: &Peers, wasm: &WasmPeers) -> Result<Section> {
    let scopes = timing::scopes(1);
    let native = || of_peers(peers, |peer| peer.cached.map(Value::Time));
    let plugged = |path: &str, scopes: &[String]| timing::cached_from_component(host, path, server, scopes);
    let called = |path: &str, scopes: &[String]| timing::cached_from_host(host, path, server, scopes);
    let inside = of_wasm(wasm, |path| timing::cached_inside(host, path, server, &scopes))?;
    let goals = vec![Goal { by: CLOCK_FLOOR, at_most: 1.25 }, Goal { by: CONSTANT_FLOOR, at_most: 1.7 }];
    let row = |what: &str, (ours, mut others): Compared, native: Vec<_>, goals| {
        others.extend(native);
        Row { what: what.to_owned(), ours, others, goals }
    };
    let others = beside(wasm, &plugged)?;
    let from_component = timing::compared(SAMPLES, plugged(provider(), &scopes)?, others)?;
    let others = beside(wasm, &called)?;
    let from_host = timing::compared(SAMPLES, called(provider(), &scopes)?, others)?;
    let in_app = timing::compared(SAMPLES, plugged(provider(), &scopes)?, inside)?;
    let by_native = Goal { by: RUST, at_most: 1.0 };
    let rows = vec![
        row(PLUGGED, from_component, native(), [goals.clone(), vec![by_native]].concat()),
        row("cached token, host → component", from_host, native(), goals),
        row("cached token, beside code inside the app", in_app, vec![], vec![]),
    ];
    Ok(Section {
        title: "A cached token",
        how: "A token of 1,500 bytes, from the instance's memory. The floors are a component that returns a constant of that \
              size, at once or after it read one clock, as every cache of expiring tokens must, or both; and the component itself, \
              compiled for speed as a whole. The last row compares with code that is compiled into the app, whose calls cross no boundary between components.",
        findings: rows.iter().filter(|row| row.misses()).map(explained).collect(),
        rows,
        chart: None,
        moved: None,
    })
}

/// The floors of a cached call and the peers in wasm.
fn beside<'a>(
    wasm: &WasmPeers,
    sample: &impl Fn(&str, &[String]) -> Result<Sample<'a>>,
) -> Result<Vec<(&'static str, Option<Sample<'a>>)>> {
    let mut others = vec![
        (CONSTANT_FLOOR, Some(sample(FIXED_TOKEN, &timing::scopes(1))?)),
        (CLOCK_FLOOR, Some(sample(FIXED_TOKEN, &timing::clock())?)),
        (CLOCKS_FLOOR, Some(sample(FIXED_TOKEN, &timing::clocks())?)),
        (FOR_SPEED, Some(sample(for_speed(), &timing::scopes(1))?)),
    ];
    others.extend(of_wasm(wasm, |path| sample(path, &timing::scopes(1)))?);
    Ok(others)
}

/// Of which steps the time of a cached call consists.
fn explained(row: &Row) -> String {
    let (what, ours, nanoseconds) = (&row.what, row.ours, |seconds: f64| (seconds * 1e9).round());
    let constant = row.other(CONSTANT_FLOOR).map_or(0.0, Value::number);
    let [first, second] = [CLOCK_FLOOR, CLOCKS_FLOOR].map(|name| row.other(name).map_or(0.0, Value::number));
    let mut text = format!(
        "{what}, {ours}: the call and the constant take {} ns, reading a clock {} ns, reading the second {} ns; what remains above \
         one clock, {} ns, is the lookup, the copy of the token and the overwriting of freed memory.",
        nanoseconds(constant),
        nanoseconds(first - constant),
        nanoseconds(second - first),
        nanoseconds(row.above(CLOCK_FLOOR).unwrap_or_default()),
    );
    if let (Some(for_speed), Some(by_hand)) = (row.other(FOR_SPEED), row.other(BY_HAND)) {
        text += &format!(
            " Compiled for speed as a whole, beyond the limit of its size, the component takes {for_speed}, {:.2}× of one clock and a \
             constant. Code by hand, compiled for speed, takes {by_hand}, {:.2}×: it reads one clock, finds the token in a hash table and \
             copies it, and renews and overwrites nothing.",
            for_speed.number() / first,
            by_hand.number() / first,
        );
    }
    if let Some(native) = row
        .other(RUST)
        .filter(|native| row.goals.iter().any(|it| it.by == RUST) && constant > native.number())
    {
        text += &format!(
            " Nothing behind a boundary between components reaches the native crate's {native}: even the constant takes {} ns.",
            nanoseconds(constant)
        );
    }
    text
}

/// A cached call with up to 1,000 tokens in the cache.
///
/// # Errors
/// When a provider returns no token.
pub fn among_many(host: &BenchmarkHost, server: &TokenServer) -> Result<Section> {
    let ours = |keys| timing::cached_from_host(host, provider(), server, &timing::scopes(keys));
    let constants = |keys| timing::cached_from_host(host, FIXED_TOKEN, server, &timing::texts(keys));
    let [one, ten, hundred, thousand, text, texts_10, texts_100, texts_1000] = timing::interleaved(
        SAMPLES,
        [
            ours(1)?,
            ours(10)?,
            ours(100)?,
            ours(1000)?,
            constants(1)?,
            constants(10)?,
            constants(100)?,
            constants(1000)?,
        ],
    )?;
    let many = [(10, ten, texts_10), (100, hundred, texts_100), (1000, thousand, texts_1000)];
    let rows = many.into_iter().map(|(keys, ours, texts)| Row {
        what: format!("host → component, {keys} tokens in the cache"),
        ours: Value::Time(ours),
        others: [(ONE_KEY, one), (TEXTS_FLOOR, texts), (TEXT_FLOOR, text)]
            .map(|(name, time)| (name, Some(Value::Time(time))))
            .into(),
        goals: vec![Goal { by: ONE_KEY, at_most: 1.25 }],
    });
    let rows: Vec<_> = rows.collect();
    Ok(Section {
        title: "A cached token among many",
        how: "The calls request the tokens in turn, so each call finds another one than the call before. The floor is a component that \
              returns one of as many constants of 1,500 bytes by its number, without a search.",
        findings: rows.iter().filter(|row| row.misses()).map(grown).collect(),
        rows,
        chart: None,
        moved: None,
    })
}

/// What a call among many tokens costs more than one with a single token, beside what it costs a component that searches
/// nothing.
fn grown(row: &Row) -> String {
    let nanoseconds = |seconds: f64| (seconds * 1e9).round();
    let [text, texts] = [TEXT_FLOOR, TEXTS_FLOOR].map(|name| row.other(name).map_or(0.0, Value::number));
    format!(
        "{}: {} ns more than with one token. A component that only copies one of as many constants takes {} ns more than with one: the \
         texts are no longer in the nearest caches of the processor. What remains, {} ns, is the search and what it reads.",
        row.what,
        nanoseconds(row.above(ONE_KEY).unwrap_or_default()),
        nanoseconds(texts - text),
        nanoseconds(row.above(ONE_KEY).unwrap_or_default() - (texts - text)),
    )
}

fn provider() -> &'static str {
    Edition::Wasi02.component()
}
