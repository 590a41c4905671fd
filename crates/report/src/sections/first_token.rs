//! A new instance and its first token.

use super::labels::{CERTIFICATE, FIRST, GET_FLOOR, RUST, of_peers};
use crate::figures::{Goal, Row, Section, Value};
use crate::guests::ONE_GET;
use crate::measure::benchmark_host::{BenchmarkHost, Counting};
use crate::measure::peers::{self, Peers};
use crate::measure::timing::{self, SAMPLES};
use crate::measure::token_server::TokenServer;
use anyhow::Result;
use base64::Engine;
use host_tests::edition::Edition;

/// The time of a new instance, and of its first token from IMDS and with a certificate.
///
/// # Errors
/// When a provider returns no token.
pub fn section(server: &TokenServer, peers: &Peers) -> Result<Section> {
    let host = BenchmarkHost::new(Counting::Nothing)?;
    let url = server.imds_url();
    let (imds, certificate) = (server.imds(), certificate(server)?);
    let [ours, floor] = timing::interleaved(
        SAMPLES,
        [
            timing::first_token(&host, provider(), &imds, SCOPE)?,
            timing::first_token(&host, ONE_GET, &[], &url)?,
        ],
    )?;
    let [alone, floor_alone, signed] = timing::interleaved(
        SAMPLES,
        [
            timing::start(&host, provider(), &imds)?,
            timing::start(&host, ONE_GET, &[])?,
            timing::first_token(&host, provider(), &certificate, SCOPE)?,
        ],
    )?;
    let mut others = vec![(GET_FLOOR, Some(Value::Time(floor)))];
    others.extend(of_peers(peers, |peer| peer.first.map(Value::Time)));
    let goals = vec![Goal { by: GET_FLOOR, at_most: 1.15 }, Goal { by: RUST, at_most: 0.15 }];
    let imds = Row { what: FIRST.to_owned(), ours: Value::Time(ours), others, goals };
    let instance = Row {
        what: "new instance alone".to_owned(),
        ours: Value::Time(alone),
        others: vec![(GET_FLOOR, Some(Value::Time(floor_alone)))],
        goals: vec![],
    };
    let others = of_peers(peers, |peer| peer.process.map(Value::Time));
    let process = Row {
        what: "the same, against a new process".to_owned(),
        ours: Value::Time(ours),
        others,
        goals: vec![],
    };
    let others = vec![(RUST, peers.rust.certificate.map(Value::Time))];
    let certificate = Row { what: CERTIFICATE.to_owned(), ours: Value::Time(signed), others, goals: vec![] };
    Ok(Section {
        title: "The first token",
        why: "Missed: in addition to the one GET, the host sets up a component ten times as large, and the component reads the environment \
              and both clocks, checks each source of the chain, and parses a response. A certificate takes longer than in native \
              code, because the arithmetic is constant-time with limbs of 32 bits, and each signature is blinded and verified.",
        how: "Over loopback, from a server that responds at once, with a new connection each time. The floor is a component that sends \
              one GET and does not read the response. Peers: a new credential in a process that had one before; a new process.",
        rows: vec![instance, imds, process, certificate],
    })
}

/// The variables of a client certificate.
fn certificate(server: &TokenServer) -> Result<Vec<(&'static str, String)>> {
    let certificate = std::fs::read(peers::fixture("certificates/modern-no-password.pfx"))?;
    Ok(vec![
        ("AZURE_AUTHORITY_HOST", format!("http://{}", server.address)),
        ("AZURE_TENANT_ID", "11111111-1111-1111-1111-111111111111".to_owned()),
        ("AZURE_CLIENT_ID", "22222222-2222-2222-2222-222222222222".to_owned()),
        ("AZURE_CLIENT_CERTIFICATE", base64::engine::general_purpose::STANDARD.encode(certificate)),
    ])
}

fn provider() -> &'static str {
    Edition::Wasi02.component()
}

const SCOPE: &str = "https://vault.azure.net/.default";
