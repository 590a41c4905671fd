//! What is measured, and what it should come to.

use crate::figures::{Goal, Row, Section, Value};
use crate::measure::answering::Answering;
use crate::measure::lab::{Counting, Lab};
use crate::measure::peers::{self, Peer};
use crate::measure::timing::ROUNDS;
use crate::measure::{concurrent, cost, timing};
use anyhow::{Context, Result, ensure};
use host_tests::edition::Edition;
use host_tests::guests::{FIXED_TOKEN, FIXED_TOKEN_0_3, ONE_GET};
use std::process::Command;
use std::time::Duration;

/// Measures everything. `tell` is told what comes next.
///
/// # Errors
/// When anything cannot be measured that has to be there.
pub fn measure(tell: &mut dyn FnMut(&str)) -> Result<Vec<Section>> {
    let server = Answering::start()?;
    tell("the Azure SDKs");
    let peers =
        Peers { rust: peers::rust(&server)?, python: peers::python(&server)?, node: peers::node(&server)? };
    tell("cached calls");
    let cached = cached(&server, &peers)?;
    tell("first tokens");
    let first = first(&server, &peers)?;
    tell("costs");
    let many = many_callers(&server)?;
    Ok(vec![cached, growth(&server)?, many, first, size()?, inside()?, other_costs(&server, &peers)?])
}

struct Peers {
    rust: Peer,
    python: Peer,
    node: Peer,
}

impl Peers {
    fn others(&self, figure: impl Fn(&Peer) -> Option<Value>) -> Vec<(&'static str, Option<Value>)> {
        vec![(RUST, figure(&self.rust)), (PYTHON, figure(&self.python)), (NODE, figure(&self.node))]
    }
}

fn cached(server: &Answering, peers: &Peers) -> Result<Section> {
    let lab = Lab::new(Counting::Nothing)?;
    let row = |what: &str, [ours, constant, clocks]: [_; 3], goals| {
        let mut others =
            vec![(CONSTANT_FLOOR, Some(Value::Time(constant))), (CLOCKS_FLOOR, Some(Value::Time(clocks)))];
        others.extend(peers.others(|peer| peer.cached.map(Value::Time)));
        Row { what: what.to_owned(), ours: Value::Time(ours), others, goals }
    };
    let (one, clocks) = (timing::scopes(1), timing::clocks());
    let from_component = |path, scopes: &[String]| timing::cached_from_component(&lab, path, server, scopes);
    let from_host = |path, scopes: &[String]| timing::cached_from_host(&lab, path, server, scopes);
    let all = [(provider(), &one), (FIXED_TOKEN, &one), (FIXED_TOKEN, &clocks)];
    let [ours, constant, reading] = all.map(|(path, scopes)| from_component(path, scopes));
    let plugged = [ours?, constant?, reading?];
    let [ours, constant, reading] = all.map(|(path, scopes)| from_host(path, scopes));
    let called = [ours?, constant?, reading?];
    let by_floor = Goal { by: CONSTANT_FLOOR, at_most: 1.25 };
    Ok(Section {
        title: "A cached token",
        why: "Missed: to read the clocks is most of what is above the constant, and it is what keeps a token that has ended from being \
              handed out after somebody has set the clock back; the SDKs look at one clock, which they need not cross anything \
              for. The rest is the search, a copy of the token and the overwriting of what is freed. Even a constant \
              that comes from another component takes longer than the native crate's whole call.",
        how: "A token of 1,500 bytes, from the instance's memory. The floor is a component that returns a constant of that size; \
              the same, when it first asks the host for the time of day and for the time that nobody sets, is the floor for \
              whoever hands out nothing that has ended, whatever is done to the clock.",
        rows: vec![
            row(PLUGGED, timing::race(ROUNDS, plugged)?, vec![by_floor, Goal { by: RUST, at_most: 1.0 }]),
            row("cached token, host → component", timing::race(ROUNDS, called)?, vec![by_floor]),
        ],
    })
}

fn growth(server: &Answering) -> Result<Section> {
    let lab = Lab::new(Counting::Nothing)?;
    let from_host = |keys| timing::cached_from_host(&lab, provider(), server, &timing::scopes(keys));
    let [one, many @ ..] =
        timing::race(ROUNDS, [from_host(1)?, from_host(10)?, from_host(100)?, from_host(1000)?])?;
    let rows = [10, 100, 1000].into_iter().zip(many).map(|(keys, ours)| Row {
        what: format!("host → component, {keys} tokens in the cache"),
        ours: Value::Time(ours),
        others: vec![(ONE_KEY, Some(Value::Time(one)))],
        goals: vec![Goal { by: ONE_KEY, at_most: 1.25 }],
    });
    Ok(Section {
        title: "A cached token among many",
        why: "",
        how: "Asked for in turn, so that each call finds another one.",
        rows: rows.collect(),
    })
}

fn many_callers(server: &Answering) -> Result<Section> {
    let component = Edition::Wasi03.component();
    let (scope, clocks) = (&timing::scopes(1)[0], &timing::clocks()[0]);
    let cached =
        |path, scope| -> timing::Run<'_> { Box::new(move || concurrent::cached(path, server, scope, 1)) };
    let hanging: timing::Run<'_> = Box::new(|| concurrent::cached_beside_hanging(component, server, scope));
    let all =
        [cached(component, scope), cached(FIXED_TOKEN_0_3, scope), cached(FIXED_TOKEN_0_3, clocks), hanging];
    let [one, constant, reading, hanging] = timing::race(FEW_ROUNDS, all)?;
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
        why: "Missed: as above, it is the clocks, two more calls to the host, and the search.",
        how: "The edition for WASI 0.3, one instance; the time of one call. The floor is a component that returns a constant \
              through the same async function, without or with reading both clocks first.",
        rows,
    })
}

fn first(server: &Answering, peers: &Peers) -> Result<Section> {
    let lab = Lab::new(Counting::Nothing)?;
    let url = server.imds_url();
    let (imds, certificate) = (server.imds(), certificate(server)?);
    let [ours, floor] = timing::race(
        ROUNDS,
        [
            timing::first_token(&lab, provider(), &imds, SCOPE)?,
            timing::first_token(&lab, ONE_GET, &[], &url)?,
        ],
    )?;
    let [alone, floor_alone, signed] = timing::race(
        ROUNDS,
        [
            timing::start(&lab, provider(), &imds)?,
            timing::start(&lab, ONE_GET, &[])?,
            timing::first_token(&lab, provider(), &certificate, SCOPE)?,
        ],
    )?;
    let mut others = vec![(GET_FLOOR, Some(Value::Time(floor)))];
    others.extend(peers.others(|peer| peer.first.map(Value::Time)));
    let goals = vec![Goal { by: GET_FLOOR, at_most: 1.15 }, Goal { by: RUST, at_most: 0.15 }];
    let imds = Row { what: FIRST.to_owned(), ours: Value::Time(ours), others, goals };
    let instance = Row {
        what: "new instance alone".to_owned(),
        ours: Value::Time(alone),
        others: vec![(GET_FLOOR, Some(Value::Time(floor_alone)))],
        goals: vec![],
    };
    let others = peers.others(|peer| peer.process.map(Value::Time));
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
        why: "Missed: above the one GET there are a component ten times as large to set up, the environment, a chain that asks each \
              source whether it is there, an answer to read, and both clocks. A certificate takes longer than in native code, \
              because the arithmetic is constant-time, 32 bits at a time, and each signature is blinded and verified.",
        how: "Over loopback, from a server that answers at once; a connection each. The floor is a component that does one GET \
              and looks at nothing. Peers: a new credential in a process that had one before; a new process.",
        rows: vec![instance, imds, process, certificate],
    })
}

fn certificate(server: &Answering) -> Result<Vec<(&'static str, String)>> {
    use base64::Engine;
    let certificate = std::fs::read(peers::fixture("certificates/modern-no-password.pfx"))?;
    Ok(vec![
        ("AZURE_AUTHORITY_HOST", format!("http://{}", server.address)),
        ("AZURE_TENANT_ID", "11111111-1111-1111-1111-111111111111".to_owned()),
        ("AZURE_CLIENT_ID", "22222222-2222-2222-2222-222222222222".to_owned()),
        ("AZURE_CLIENT_CERTIFICATE", base64::engine::general_purpose::STANDARD.encode(certificate)),
    ])
}

fn size() -> Result<Section> {
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
        how: "The components as they are published, against the official crate built into a component with the sources that it \
              has on wasm, none of them with certificates.",
        rows: vec![
            row(EVERYTHING, provider(), 0.75)?,
            row(WITHOUT_CERTIFICATES, Edition::WithoutCertificates.component(), 0.4)?,
        ],
    })
}

fn inside() -> Result<Section> {
    let tool = Command::new("cargo").args(["components", "--inside", "azure-identity"]).output()?;
    let text = String::from_utf8(tool.stdout)?;
    ensure!(tool.status.success(), "cargo components: {}", String::from_utf8_lossy(&tool.stderr));
    let row = |line: &str| {
        let (bytes, part) = line.trim_start().split_once(' ').context("what is inside is no table")?;
        let ours = Value::Bytes(bytes.parse()?);
        Ok(Row { what: part.to_owned(), ours, others: vec![], goals: vec![] })
    };
    Ok(Section {
        title: "What is inside",
        why: "",
        how: "The bytes of the component's functions, with certificates, by the crate that wrote them. All cryptography but \
              SHA-256 is there for certificates alone.",
        rows: text.lines().map(row).collect::<Result<_>>()?,
    })
}

fn other_costs(server: &Answering, peers: &Peers) -> Result<Section> {
    let (requests, bytes) = cost::wire(provider(), server)?;
    let url = server.imds_url();
    let row = |what: &str, ours, others, goals| Row { what: what.to_owned(), ours, others, goals };
    let (memory, floor_memory) =
        (cost::linear_memory(provider(), &server.imds(), SCOPE)?, cost::linear_memory(ONE_GET, &[], &url)?);
    let resident = cost::resident(provider(), server, 500)?;
    Ok(Section {
        title: "What else it costs",
        why: "",
        how: "Instructions are wasmtime's fuel, the calling component's included; memory is that of an instance after its first \
              token, the resident part the mean of 500.",
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
                peers.others(|peer| peer.requests.map(Value::Count)),
                vec![],
            ),
            row("bytes on the wire for it, both ways", Value::Bytes(bytes), vec![], vec![]),
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

/// The component that most people use.
fn provider() -> &'static str {
    Edition::Wasi02.component()
}

/// The rows that the README shows.
pub(super) const PLUGGED: &str = "cached token, component → component";
pub(super) const FIRST: &str = "new instance → first token, IMDS";
pub(super) const CERTIFICATE: &str = "new instance → first token, certificate (PKCS#12, RSA-2048)";
pub(super) const EVERYTHING: &str = "size, everything in";
pub(super) const WITHOUT_CERTIFICATES: &str = "size, without certificates";
pub(super) const REQUESTS: &str = "requests for a token of IMDS";
pub(super) const INSTRUCTIONS: &str = "instructions of a cached call";
pub(super) const RESIDENT: &str = "resident memory of an instance";

const CLOCKS_FLOOR: &str = "floor: both clocks, a constant";
const CONSTANT_FLOOR: &str = "floor: a constant";
/// Each of these makes an instance first.
const FEW_ROUNDS: usize = 5;
const FIVE: &str = "goal: 5 µs";
const GET_FLOOR: &str = "floor: one GET";
const NODE: &str = "@azure/identity (Node)";
const ONE_CALLER: &str = "one caller";
const ONE_KEY: &str = "one token in the cache";
const PYTHON: &str = "azure-identity (Python)";
const SCOPE: &str = "https://vault.azure.net/.default";
const RUST: &str = "azure_identity (Rust, native)";
const RUST_WASM: &str = "azure_identity (Rust, as a component)";
