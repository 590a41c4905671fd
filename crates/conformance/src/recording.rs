//! Converts the recordings of the SDKs, `cases/*.json` and the keys that they use, into cases.

use crate::case::{Attempts, Call, Case, Content, Done, Observed, Op, Rule};
use crate::folder::entries_with_extension;
use crate::outcome::Outcome;
use crate::request::{Jwt, Request};
use anyhow::{Context, Result};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads all recordings of a corpus; a missing folder has none.
///
/// # Errors
/// When a recording cannot be read; the error has its name.
pub fn read(corpus: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for path in entries_with_extension(&corpus.join("cases"), "json")? {
        let read = || {
            let raw: Raw = serde_json::from_slice(&std::fs::read(&path)?)?;
            raw.into_case(corpus)
        };
        cases.push(read().with_context(|| format!("in {}", path.display()))?);
    }
    Ok(cases)
}

/// A recording.
#[derive(Deserialize)]
struct Raw {
    name: String,
    credential: String,
    env: BTreeMap<String, String>,
    files: BTreeMap<String, Content>,
    options: Map<String, Value>,
    server: Vec<Rule>,
    calls: Vec<RawCall>,
    observed: Map<String, Value>,
    #[serde(default)]
    other: Map<String, Value>,
}

#[derive(Deserialize)]
struct RawCall {
    op: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    options: RawOptions,
    #[serde(default)]
    advance_before: f64,
    #[serde(default)]
    write_files_before: BTreeMap<String, Content>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawOptions {
    tenant_id: Option<String>,
    claims: Option<String>,
    enable_cae: bool,
}

#[derive(Deserialize)]
struct RawObserved {
    requests: Vec<RawRequest>,
    calls: Vec<RawDone>,
}

#[derive(Deserialize)]
struct RawDone {
    /// The range of the SDK's requests that belong to the call; `None`: the constructor failed before any.
    requests: Option<(usize, usize)>,
    outcome: Outcome,
    #[serde(default)]
    delays: Vec<f64>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct RawRequest {
    method: String,
    url: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    form: Vec<(String, String)>,
    jwt: BTreeMap<String, Jwt>,
    at: Option<f64>,
}

impl Raw {
    fn into_case(self, corpus: &Path) -> Result<Case> {
        let mut case = Case {
            name: self.name,
            credential: self.credential,
            env: self.env,
            files: self.files,
            server: self.server,
            calls: self.calls.into_iter().map(RawCall::into_call).collect(),
            ..Case::default()
        };
        if case.calls.is_empty() {
            // The recording only shows that the credential can be constructed.
            case.calls.push(Call { op: Op::Make, ..Call::default() });
        }
        for (name, value) in self.options {
            case.options.insert(name, with_keys(value, corpus)?);
        }
        if let Some(Value::Array(members)) = self.other.get("chain") {
            case.chain = members.clone();
        }
        if let Some(saved) = self.other.get("processes").and_then(azure_cli_output) {
            case.env.insert("AZURE_CLI_SAVED_TOKEN".to_owned(), SAVED_TOKEN.to_owned());
            case.files.insert(SAVED_TOKEN.to_owned(), Content::Text(saved));
        }
        for sdk in ["python", "js", "rust"] {
            if let Some(value) = self.observed.get(sdk) {
                let observed = RawObserved::deserialize(value).context(sdk)?;
                let mut calls = observed.into_calls();
                if calls.is_empty() {
                    calls.push(Done { sent: Vec::new(), outcome: Outcome::made() });
                }
                case.observed.push(Observed { sdk: sdk.to_owned(), calls });
            }
        }
        Ok(case)
    }
}

impl RawCall {
    fn into_call(self) -> Call {
        Call {
            op: if self.op == "construct" { Op::Construct } else { Op::GetToken },
            scopes: self.scopes,
            tenant_id: self.options.tenant_id,
            claims: self.options.claims,
            enable_cae: self.options.enable_cae,
            advance_before: self.advance_before,
            write_files_before: self.write_files_before,
            ..Call::default()
        }
    }
}

impl RawObserved {
    fn into_calls(self) -> Vec<Done> {
        let Self { requests, calls } = self;
        let done = |call: RawDone| {
            let (from, to) = call.requests.unwrap_or_default();
            Done {
                sent: attempts(requests.get(from..to).unwrap_or_default(), &call.delays),
                outcome: call.outcome,
            }
        };
        calls.into_iter().map(done).collect()
    }
}

/// The requests of a call, grouped by retries; `delays` are all sleeps of the call.
fn attempts(requests: &[RawRequest], delays: &[f64]) -> Vec<Attempts> {
    let sent = requests.iter().map(|raw| {
        let RawRequest { method, url, query, headers, form, jwt, at } = raw.clone();
        (Request { method, url, query, headers, form, jwt }.normal(), at)
    });
    let sent: Vec<_> = sent.filter(|(request, _)| !request.is_discovery()).collect();
    let sleeps = match sent.len().saturating_sub(delays.len()) {
        1 => Some(delays.to_vec()),
        // Python's first retry does not wait, and the recording has no entry for it.
        2 => Some([&[0.0], delays].concat()),
        _ => None,
    };
    let sleeps = sleeps.or_else(|| sent.windows(2).map(|pair| Some(pair[1].1? - pair[0].1?)).collect());
    Attempts::group(sent.into_iter().map(|(request, _)| request), sleeps.as_deref())
}

/// Replaces `{"$key_bytes": file}` with the bytes of `keys/<file>`.
fn with_keys(value: Value, corpus: &Path) -> Result<Value> {
    let Some(name) = value.get("$key_bytes").and_then(Value::as_str) else { return Ok(value) };
    let bytes = match std::fs::read(corpus.join("keys").join(name)) {
        Ok(bytes) => bytes,
        // The recordings have this key only as a file of a case.
        Err(_) if name == "client_chain.pem" => {
            let path = corpus.join("cases/cert-pem-chain.json");
            let raw: Raw = serde_json::from_slice(&std::fs::read(path)?)?;
            raw.files
                .get("/secrets/c.pem")
                .context("cert-pem-chain.json has no file /secrets/c.pem")?
                .bytes()?
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read keys/{name}")),
    };
    Ok(json!({"base64": BASE64_STANDARD.encode(bytes)}))
}

/// The output of the Azure CLI when the SDK started it successfully; a component reads it from a file.
fn azure_cli_output(processes: &Value) -> Option<String> {
    let started = processes.as_array()?.iter().find(|process| {
        let program = process.get("argv").and_then(|argv| argv.get(0)).and_then(Value::as_str);
        program.is_some_and(|program| program.ends_with("/az"))
    });
    Some(started?.get("result")?.get("stdout")?.as_str()?.to_owned())
}

const SAVED_TOKEN: &str = "/home/user/az-account-get-access-token.json";
