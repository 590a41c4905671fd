//! Bytes, instructions, requests and memory.

use super::labels::{
    BY_HAND, CLOCK_FLOOR, CONSTANT_FLOOR, FOR_SPEED, GET_FLOOR, INSTRUCTIONS, REQUESTS, RESIDENT, RUST_WASM,
    RUST_WASM_BETA, WITH_CERTIFICATES, WITHOUT_CERTIFICATES, of_peers, of_wasm,
};
use crate::figures::{Goal, Row, Section, Value};
use crate::guests::{FIXED_TOKEN, ONE_GET, for_speed};
use crate::measure::peers::Peers;
use crate::measure::token_server::TokenServer;
use crate::measure::wasm_peers::WasmPeers;
use crate::measure::{cost, timing};
use anyhow::{Context, Result, ensure};
use host_tests::edition::Edition;
use std::process::Command;

/// The size of the components, beside the peers'. The limits on it are those of the project.
///
/// # Errors
/// When a component is missing.
pub fn size(wasm: &WasmPeers) -> Result<Section> {
    let bytes = |path: &str| -> Result<_> { Ok(Value::Bytes(std::fs::metadata(path)?.len())) };
    let peers = [
        (BY_HAND, Some(&wasm.by_hand)),
        (RUST_WASM, wasm.official.as_ref()),
        (RUST_WASM_BETA, wasm.beta.as_ref()),
    ];
    let others = peers.map(|(name, peer)| Ok((name, peer.map(|peer| bytes(&peer.small)).transpose()?)));
    let others = others.into_iter().collect::<Result<Vec<_>>>()?;
    let row = |what: &str, path: &str, at_most: Option<f64>| -> Result<Row> {
        let goals = at_most.map(|at_most| Goal { by: RUST_WASM, at_most }).into_iter().collect();
        Ok(Row { what: what.to_owned(), ours: bytes(path)?, others: others.clone(), goals })
    };
    Ok(Section {
        title: "Size",
        how: "The components as they are published, and one compiled for speed, which is a comparison and not published. The official crate is compiled for size as they are, with the credentials that \
              it has on wasm, none of which uses certificates; code by hand has IMDS alone.",
        rows: vec![
            row(WITH_CERTIFICATES, provider(), Some(0.9))?,
            row("size, with certificates, compiled for speed", for_speed(), None)?,
            row(WITHOUT_CERTIFICATES, Edition::WithoutCertificates.component(), Some(0.55))?,
        ],
        findings: vec![],
        chart: None,
        moved: None,
    })
}

/// The size of each crate's part of the component.
///
/// # Errors
/// When `cargo components --inside` fails.
pub fn contents() -> Result<Section> {
    let tool = Command::new("cargo").args(["components", "--inside", "azure-identity"]).output()?;
    let text = String::from_utf8(tool.stdout)?;
    ensure!(tool.status.success(), "cargo components: {}", String::from_utf8_lossy(&tool.stderr));
    let row = |line: &str| {
        let (bytes, part) = line.trim_start().split_once(' ').context("cargo components printed no table")?;
        let ours = Value::Bytes(bytes.parse()?);
        Ok(Row { what: part.to_owned(), ours, others: vec![], goals: vec![] })
    };
    Ok(Section {
        title: "Contents of the component",
        how: "The bytes of the component's functions, with certificates, by crate. All cryptography except SHA-256 serves certificates \
              alone.",
        rows: text.lines().map(row).collect::<Result<_>>()?,
        findings: vec![],
        chart: None,
        moved: None,
    })
}

/// Instructions, requests and memory.
///
/// # Errors
/// When a provider returns no token.
pub fn others(server: &TokenServer, peers: &Peers, wasm: &WasmPeers) -> Result<Section> {
    let (requests, bytes) = cost::wire(provider(), server)?;
    let (url, imds) = (server.imds_url(), server.imds());
    let row = |what: &str, ours, others, goals| Row { what: what.to_owned(), ours, others, goals };
    let resident = cost::resident(provider(), server, INSTANCES)?;
    let mut of_instructions: Vec<_> = [(CONSTANT_FLOOR, timing::scopes(1)), (CLOCK_FLOOR, timing::clock())]
        .into_iter()
        .map(|(name, scopes)| {
            let count = cost::instructions(FIXED_TOKEN, server, &scopes)?;
            Ok((name, Some(Value::Count(count))))
        })
        .collect::<Result<_>>()?;
    let scopes = timing::scopes(1);
    let of_speed = cost::instructions(for_speed(), server, &scopes)?;
    of_instructions.push((FOR_SPEED, Some(Value::Count(of_speed))));
    of_instructions
        .extend(of_wasm(wasm, |path| Ok(Value::Count(cost::instructions(path, server, &scopes)?)))?);
    let mut of_first = vec![
        (GET_FLOOR, Some(Value::Count(cost::instructions_of_first(ONE_GET, &[], &url)?))),
        (FOR_SPEED, Some(Value::Count(cost::instructions_of_first(for_speed(), &imds, SCOPE)?))),
    ];
    of_first
        .extend(of_wasm(wasm, |path| Ok(Value::Count(cost::instructions_of_first(path, &imds, SCOPE)?)))?);
    let mut of_memory =
        vec![(GET_FLOOR, Some(Value::Bytes(cost::linear_memory(ONE_GET, &[], &url)? as u64)))];
    of_memory
        .extend(of_wasm(wasm, |path| Ok(Value::Bytes(cost::linear_memory(path, &imds, SCOPE)? as u64)))?);
    let mut of_requests = of_wasm(wasm, |path| Ok(Value::Count(cost::wire(path, server)?.0)))?;
    of_requests.extend(of_peers(peers, |peer| peer.requests.map(Value::Count)));
    let of_resident = of_wasm(wasm, |path| Ok(Value::Bytes(cost::resident(path, server, INSTANCES)?)))?;
    Ok(Section {
        title: "Other costs",
        how: "Instructions are wasmtime's fuel, including the calling component's; memory is that of an instance after its first token; \
              resident memory is the mean of 500 instances.",
        rows: vec![
            row(
                INSTRUCTIONS,
                Value::Count(cost::instructions(provider(), server, &scopes)?),
                of_instructions,
                vec![],
            ),
            row(
                "instructions of a first token",
                Value::Count(cost::instructions_of_first(provider(), &imds, SCOPE)?),
                of_first,
                vec![],
            ),
            row(REQUESTS, Value::Count(requests), of_requests, vec![]),
            row("bytes of them and their responses", Value::Bytes(bytes), vec![], vec![]),
            row(
                "linear memory",
                Value::Bytes(cost::linear_memory(provider(), &imds, SCOPE)? as u64),
                of_memory,
                vec![],
            ),
            row(RESIDENT, Value::Bytes(resident), of_resident, vec![]),
            row("instances in a GiB", Value::Count((1 << 30) / resident.max(1)), vec![], vec![]),
        ],
        findings: vec![],
        chart: None,
        moved: None,
    })
}

fn provider() -> &'static str {
    Edition::Wasi02.component()
}

const SCOPE: &str = "https://vault.azure.net/.default";
/// The instances whose resident memory is measured.
const INSTANCES: usize = 500;
