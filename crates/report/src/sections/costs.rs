//! Bytes, instructions, requests and memory.

use super::labels::{
    CONSTANT_FLOOR, GET_FLOOR, INSTRUCTIONS, REQUESTS, RESIDENT, RUST_WASM, WITH_CERTIFICATES,
    WITHOUT_CERTIFICATES, of_peers,
};
use crate::figures::{Goal, Row, Section, Value};
use crate::guests::{FIXED_TOKEN, ONE_GET};
use crate::measure::cost;
use crate::measure::peers::{self, Peers};
use crate::measure::token_server::TokenServer;
use anyhow::{Context, Result, ensure};
use host_tests::edition::Edition;
use std::process::Command;

/// The size of the components, beside the official crate's. The limits on it are those of the project.
///
/// # Errors
/// When a component is missing.
pub fn size() -> Result<Section> {
    let official = peers::official_component().map(Value::Bytes);
    let row = |what: &str, path: &str, at_most| -> Result<Row> {
        Ok(Row {
            what: what.to_owned(),
            ours: Value::Bytes(std::fs::metadata(path)?.len()),
            others: vec![(RUST_WASM, official)],
            goals: vec![Goal { by: RUST_WASM, at_most }],
        })
    };
    Ok(Section {
        title: "Size",
        why: "",
        how: "The components as they are published, compared with the official crate as a component, with the credentials that it has \
              on wasm, none of which uses certificates.",
        rows: vec![
            row(WITH_CERTIFICATES, provider(), 0.9)?,
            row(WITHOUT_CERTIFICATES, Edition::WithoutCertificates.component(), 0.55)?,
        ],
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
        why: "",
        how: "The bytes of the component's functions, with certificates, by crate. All cryptography except SHA-256 serves certificates \
              alone.",
        rows: text.lines().map(row).collect::<Result<_>>()?,
    })
}

/// Instructions, requests and memory.
///
/// # Errors
/// When a provider returns no token.
pub fn others(server: &TokenServer, peers: &Peers) -> Result<Section> {
    let (requests, bytes) = cost::wire(provider(), server)?;
    let url = server.imds_url();
    let row = |what: &str, ours, others, goals| Row { what: what.to_owned(), ours, others, goals };
    let (memory, floor_memory) =
        (cost::linear_memory(provider(), &server.imds(), SCOPE)?, cost::linear_memory(ONE_GET, &[], &url)?);
    let resident = cost::resident(provider(), server, 500)?;
    Ok(Section {
        title: "Other costs",
        why: "",
        how: "Instructions are wasmtime's fuel, including the calling component's; memory is that of an instance after its first token; \
              resident memory is the mean of 500 instances.",
        rows: vec![
            row(
                INSTRUCTIONS,
                Value::Count(cost::instructions(provider(), server)?),
                vec![(CONSTANT_FLOOR, Some(Value::Count(cost::instructions(FIXED_TOKEN, server)?)))],
                vec![],
            ),
            row(
                "instructions of a first token",
                Value::Count(cost::instructions_of_first(provider(), &server.imds(), SCOPE)?),
                vec![(GET_FLOOR, Some(Value::Count(cost::instructions_of_first(ONE_GET, &[], &url)?)))],
                vec![],
            ),
            row(
                REQUESTS,
                Value::Count(requests),
                of_peers(peers, |peer| peer.requests.map(Value::Count)),
                vec![],
            ),
            row("bytes of them and their responses", Value::Bytes(bytes), vec![], vec![]),
            row(
                "linear memory",
                Value::Bytes(memory as u64),
                vec![(GET_FLOOR, Some(Value::Bytes(floor_memory as u64)))],
                vec![],
            ),
            row(RESIDENT, Value::Bytes(resident), vec![], vec![]),
            row("instances in a GiB", Value::Count((1 << 30) / resident.max(1)), vec![], vec![]),
        ],
    })
}

fn provider() -> &'static str {
    Edition::Wasi02.component()
}

const SCOPE: &str = "https://vault.azure.net/.default";
