//! Converts recorded `.azure` folders into cases: with the same files, the component must do what the Azure CLI does.
//!
//! A folder `azure-cli/<scenario>` has the files (`.azure`, `.IdentityService`, `secrets`) and `wire.json`, the traffic
//! of the whole scenario from the login on. The folder also determines the calls of the case, as [`ExpectedCall`]s.

mod expected_call;
mod wire;

use crate::case::{Attempts, Call, Case, Content, Done, Match, Observed, Respond, Rule};
use crate::folder::entries;
use crate::outcome::Outcome;
use crate::request::{Request, split};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

pub use expected_call::{Expected, ExpectedCall};
use wire::{Exchange, Wire};

/// Reads the scenarios of a folder, one case each; a missing folder has none.
///
/// # Errors
/// When a scenario cannot be read; the error has its name.
pub fn read(folder: &Path) -> Result<Vec<Case>> {
    let scenarios = entries(folder)?.into_iter().filter(|path| path.is_dir());
    scenarios
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            case(folder, &name).with_context(|| format!("in azure-cli/{name}"))
        })
        .collect()
}

fn case(folder: &Path, name: &str) -> Result<Case> {
    let wire = Wire::read(&folder.join(name))?;
    let start = folder.join(wire.started_from.as_deref().unwrap_or(name));
    ensure!(start.is_dir(), "the scenario starts from {}, which is missing", start.display());
    let mut case = Case {
        name: format!("azure-cli/{name}"),
        credential: credential(&start).to_owned(),
        env: BTreeMap::from([("HOME".to_owned(), "/home/user".to_owned())]),
        files: files(&start)?,
        ..Case::default()
    };
    let mut done = Vec::new();
    for expected in expected_call::read(&folder.join(name), &wire)? {
        let exchange = expected.request.map(|index| {
            wire.requests.get(index).with_context(|| format!("wire.json has no request {index}"))
        });
        let exchange = exchange.transpose()?;
        let is_first = case.calls.is_empty();
        case.calls.push(call(&expected, exchange, if is_first { wire.clock_advanced } else { 0.0 }));
        case.server.extend(exchange.map(rule));
        let sent = exchange.map(sent).unwrap_or_default();
        done.push(Done { sent, outcome: outcome(&expected, exchange, &wire)? });
    }
    case.observed.push(Observed { sdk: "az".to_owned(), calls: done });
    Ok(case)
}

/// The credential that reads such a folder.
fn credential(start: &Path) -> &'static str {
    if start.join(".IdentityService").is_dir() { "SharedTokenCacheCredential" } else { "AzureCliCredential" }
}

/// The scenario's files, by their path in the case.
fn files(start: &Path) -> Result<BTreeMap<String, Content>> {
    let mut files = BTreeMap::new();
    for (folder, path) in [
        (".azure", "/home/user/.azure"),
        (".IdentityService", "/home/user/.IdentityService"),
        ("secrets", "/secrets"),
    ] {
        collect(&start.join(folder), path, &mut files)?;
    }
    Ok(files)
}

fn collect(folder: &Path, path: &str, files: &mut BTreeMap<String, Content>) -> Result<()> {
    for entry in entries(folder)? {
        let path = format!("{path}/{}", entry.file_name().unwrap_or_default().to_string_lossy());
        if entry.is_dir() {
            collect(&entry, &path, files)?;
        } else {
            files.insert(path, Content::from(std::fs::read(entry)?));
        }
    }
    Ok(())
}

fn call(expected: &ExpectedCall, exchange: Option<&Exchange>, advance_before: f64) -> Call {
    let subscription = expected.subscription.iter();
    Call {
        scopes: vec![expected.scope.clone()],
        // The CLI declares in every request that it can answer a claims challenge.
        enable_cae: exchange.is_some_and(|it| it.field("claims").is_some()),
        with: subscription.map(|id| ("subscription".to_owned(), json!(id))).collect(),
        advance_before,
        ..Call::default()
    }
}

fn sent(exchange: &Exchange) -> Vec<Attempts> {
    let request = Request {
        method: exchange.method.clone(),
        url: split(&exchange.url).0,
        query: exchange.query_params.clone(),
        headers: exchange.headers.clone(),
        form: exchange.form.clone(),
        ..Request::default()
    };
    vec![Attempts { request: request.normal(), times: 1, waits: None }]
}

fn rule(exchange: &Exchange) -> Rule {
    let headers = BTreeMap::from([("content-type".to_owned(), "application/json; charset=utf-8".to_owned())]);
    Rule {
        r#match: Match { path: Some(format!("^{}$", regex::escape(&exchange.path))), ..Match::default() },
        respond: Respond {
            status: Some(exchange.response.status),
            headers,
            body: Some(exchange.response.body.clone()),
            ..Respond::default()
        },
        times: None,
    }
}

fn outcome(expected: &ExpectedCall, exchange: Option<&Exchange>, wire: &Wire) -> Result<Outcome> {
    let (token, expires_on) = match &expected.expect {
        Expected::Error => return Ok(Outcome { kind: "auth-failed".to_owned(), ..Outcome::default() }),
        Expected::Output(name) => {
            let output = wire.output(name).with_context(|| format!("wire.json has no output {name}"))?;
            (output["accessToken"].as_str().map(ToOwned::to_owned), output["expires_on"].as_f64())
        }
        Expected::Response => {
            let response = exchange.and_then(Exchange::json).context("no request has the response")?;
            let expires_on = response["expires_on"].as_str().and_then(|text| text.parse().ok());
            (response["access_token"].as_str().map(ToOwned::to_owned), expires_on)
        }
        Expected::Token(token) => {
            let exchange =
                wire.issued(token).with_context(|| format!("no response has the token {token}"))?;
            let lifetime = exchange.json().as_ref().and_then(|body| body["expires_in"].as_f64());
            (Some(token.clone()), lifetime.map(|lifetime| START + exchange.at + lifetime))
        }
    };
    Ok(Outcome { kind: "token".to_owned(), token, expires_on, ..Outcome::default() })
}

/// The start of every recording, 2027-01-15T08:00:00Z, in Unix seconds.
const START: f64 = 1_800_000_000.0;
