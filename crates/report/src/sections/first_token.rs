//! A new instance and its first token.

use super::labels::{BY_HAND, DEFAULT_POOL, FIRST, FOR_SPEED, GET_FLOOR, RUST, of_peers, of_wasm};
use crate::figures::{Goal, Row, Section, Value};
use crate::guests::{ONE_GET, for_speed};
use crate::measure::benchmark_host::BenchmarkHost;
use crate::measure::peers::Peers;
use crate::measure::timing::{self, SAMPLES};
use crate::measure::token_server::TokenServer;
use crate::measure::wasm_peers::WasmPeers;
use anyhow::Result;
use host_tests::edition::Edition;

/// The time of a new instance, and of its first token from IMDS.
///
/// # Errors
/// When a provider returns no token.
pub fn section(
    host: &BenchmarkHost,
    server: &TokenServer,
    peers: &Peers,
    wasm: &WasmPeers,
) -> Result<Section> {
    let url = server.imds_url();
    let imds = server.imds();
    let by_default = BenchmarkHost::keeping_no_memory()?;
    let mut others = vec![
        (GET_FLOOR, Some(timing::first_token(host, ONE_GET, &[], &url)?)),
        (FOR_SPEED, Some(timing::first_token(host, for_speed(), &imds, SCOPE)?)),
        (DEFAULT_POOL, Some(timing::first_token(&by_default, provider(), &imds, SCOPE)?)),
    ];
    others.extend(of_wasm(wasm, |path| timing::first_token(host, path, &imds, SCOPE))?);
    let first = timing::compared(SAMPLES, timing::first_token(host, provider(), &imds, SCOPE)?, others)?;
    let mut others = vec![
        (GET_FLOOR, Some(timing::start(host, ONE_GET, &[])?)),
        (FOR_SPEED, Some(timing::start(host, for_speed(), &imds)?)),
        (DEFAULT_POOL, Some(timing::start(&by_default, provider(), &imds)?)),
    ];
    others.extend(of_wasm(wasm, |path| timing::start(host, path, &imds))?);
    let alone = timing::compared(SAMPLES, timing::start(host, provider(), &imds)?, others)?;
    let row = |what: &str, (ours, others), goals| Row { what: what.to_owned(), ours, others, goals };
    let instance = row("new instance alone", alone, vec![]);
    let mut imds =
        row(FIRST, first, vec![Goal { by: GET_FLOOR, at_most: 1.1 }, Goal { by: RUST, at_most: 0.15 }]);
    imds.others.extend(of_peers(peers, |peer| peer.first.map(Value::Time)));
    let process = (imds.ours, of_peers(peers, |peer| peer.process.map(Value::Time)));
    let findings = if imds.misses() { vec![explained(&instance, &imds)] } else { vec![] };
    Ok(Section {
        title: "The first token",
        how: "Over loopback, from a server that responds at once, with a new connection each time. The floor is a component that sends \
              one GET and returns the body. The host's pool keeps the memory of an instance that ended for the next one \
              (wasmtime's `linear_memory_keep_resident`, `table_keep_resident` and `pagemap_scan`), or, beside it, returns it to the \
              system, as it does by default. Native peers: a new credential in a process that had one before; a new process.",
        findings,
        rows: vec![instance, imds, row("the same, against a new process", process, vec![])],
        chart: None,
        moved: None,
    })
}

/// Where the time above the floor of a first token goes.
fn explained(instance: &Row, first: &Row) -> String {
    let microseconds = |seconds: f64| (seconds * 1e6).round();
    let (start, whole) =
        (instance.above(GET_FLOOR).unwrap_or_default(), first.above(GET_FLOOR).unwrap_or_default());
    let mut text = format!(
        "The first token, {}: of the {} µs above one GET, {} µs are the start of a larger component, measured alone (`new instance \
         alone`), and {} µs the rest: reading the environment, asking each source of the chain, and parsing the response.",
        first.ours,
        microseconds(whole),
        microseconds(start),
        microseconds(whole - start)
    );
    if let (Some(for_speed), Some(by_hand)) = (first.other(FOR_SPEED), first.other(BY_HAND)) {
        text += &format!(
            " Compiled for speed as a whole the component takes {for_speed}. Code by hand, which asks no source but IMDS, takes \
             {by_hand}."
        );
    }
    text
}

fn provider() -> &'static str {
    Edition::Wasi02.component()
}

const SCOPE: &str = "https://vault.azure.net/.default";
