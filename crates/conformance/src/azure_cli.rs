//! Turns recorded `.azure` folders into cases: with those files the component must do what the Azure
//! CLI does.
//!
//! The recording of a scenario is the traffic of its whole making, from the login on; what of it a
//! component with the files has to repeat, if anything, the table below says.

use super::corpus::{Attempts, Call, Case, Content, Done, Match, Observed, Respond, Rule};
use super::outcome::Outcome;
use super::request::{Request, split};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// One question to a folder.
struct Question {
    scenario: &'static str,
    scope: &'static str,
    subscription: Option<&'static str>,
    /// Which of the recorded requests answers it; `None`: the files do.
    request: Option<usize>,
    /// Where the recording has the answer.
    answer: Answer,
}

enum Answer {
    /// In the output of the CLI of that name.
    Output(&'static str),
    /// It is the token with that text, of the recorded response with it.
    Token(&'static str),
    /// In the recorded response.
    Response,
    /// There is none, but an error.
    Error,
}

const ARM: &str = "https://management.core.windows.net//.default";
const VAULT: &str = "https://vault.azure.net/.default";
const QUESTIONS: &[Question] = &[
    ask("managed-identity", ARM, Some(0), Answer::Response),
    ask("redeem-cached-at", ARM, None, Answer::Output("result")),
    ask("redeem-new-resource", "https://storage.azure.com//.default", Some(0), Answer::Output("result")),
    ask("redeem-rt-invalid-grant", ARM, Some(0), Answer::Error),
    ask("shared-identityservice-cache", VAULT, None, Answer::Token("AT.1.organizations")),
    ask("sp-cert", ARM, None, Answer::Output("get_access_token")),
    ask("sp-federated", ARM, None, Answer::Output("get_access_token")),
    ask("user-second-account", ARM, None, Answer::Token("AT.22.aaaabbbb-0000-cccc-1111-dddd2222eeee")),
    ask("user-single", ARM, None, Answer::Output("get_access_token")),
    ask("user-single", VAULT, None, Answer::Output("get_access_token_vault")),
    ask("user-two-tenants", ARM, None, Answer::Token("AT.2.aaaabbbb-0000-cccc-1111-dddd2222eeee")),
    Question {
        subscription: Some("Fabrikam Sub"),
        ..ask("user-two-tenants", ARM, None, Answer::Token("AT.3.99998888-7777-6666-5555-444433332222"))
    },
];

const fn ask(
    scenario: &'static str,
    scope: &'static str,
    request: Option<usize>,
    answer: Answer,
) -> Question {
    Question { scenario, scope, subscription: None, request, answer }
}

/// Reads the folders, one case each.
///
/// # Errors
/// Whatever cannot be read, with its name; a folder that the table does not know.
pub fn read(folder: &Path) -> Result<Vec<Case>> {
    let mut scenarios = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))? {
        scenarios.push(entry?.file_name().to_string_lossy().into_owned());
    }
    scenarios.sort();
    scenarios.iter().map(|name| case(folder, name).with_context(|| format!("in azure-cli/{name}"))).collect()
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    started_from: Option<String>,
    #[serde(default)]
    clock_advanced: f64,
    requests: Vec<Exchange>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// A request of the CLI; `at` is the time since the scenario's start.
#[derive(Deserialize)]
struct Exchange {
    method: String,
    url: String,
    path: String,
    #[serde(default)]
    query_params: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    form: Vec<(String, String)>,
    at: f64,
    response: Recorded,
}

#[derive(Clone, Deserialize)]
struct Recorded {
    status: u16,
    body: String,
}

fn case(folder: &Path, name: &str) -> Result<Case> {
    let wire: Wire = serde_json::from_slice(&std::fs::read(folder.join(name).join("wire.json"))?)?;
    let start = folder.join(wire.started_from.as_deref().unwrap_or(name));
    let mut files = BTreeMap::new();
    for (below, path) in [
        (".azure", "/home/user/.azure"),
        (".IdentityService", "/home/user/.IdentityService"),
        ("secrets", "/secrets"),
    ] {
        collect(&start.join(below), path, &mut files)?;
    }
    let shared = start.join(".IdentityService").is_dir();
    let mut case = Case {
        name: format!("azure-cli/{name}"),
        credential: if shared { "SharedTokenCacheCredential" } else { "AzureCliCredential" }.to_owned(),
        env: BTreeMap::from([("HOME".to_owned(), "/home/user".to_owned())]),
        files,
        ..Case::default()
    };
    let mut done = Vec::new();
    for question in QUESTIONS.iter().filter(|question| question.scenario == name) {
        let exchange = question.request.map(|index| wire.requests.get(index).context("no such request"));
        let exchange = exchange.transpose()?;
        let first = case.calls.is_empty();
        case.calls.push(Call {
            scopes: vec![question.scope.to_owned()],
            // The CLI always says that it can answer a challenge, so its tokens are of that sort.
            enable_cae: exchange.is_some_and(|it| it.form.iter().any(|(name, _)| name == "claims")),
            with: question
                .subscription
                .map(|id| ("subscription".to_owned(), json!(id)))
                .into_iter()
                .collect(),
            advance_before: if first { wire.clock_advanced } else { 0.0 },
            ..Call::default()
        });
        case.server.extend(exchange.map(rule));
        let sent = exchange.map(sent).unwrap_or_default();
        done.push(Done { sent, outcome: outcome(question, exchange, &wire)? });
    }
    anyhow::ensure!(!done.is_empty(), "no question is asked of this folder");
    case.observed.push(Observed { sdk: "az".to_owned(), calls: done });
    Ok(case)
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
    let Recorded { status, body } = exchange.response.clone();
    let headers = BTreeMap::from([("content-type".to_owned(), "application/json; charset=utf-8".to_owned())]);
    Rule {
        r#match: Match { path: Some(format!("^{}$", regex::escape(&exchange.path))), ..Match::default() },
        respond: Respond { status: Some(status), headers, body: Some(body), ..Respond::default() },
        times: None,
    }
}

fn outcome(question: &Question, exchange: Option<&Exchange>, wire: &Wire) -> Result<Outcome> {
    let body = |exchange: &Exchange| serde_json::from_str::<Value>(&exchange.response.body).ok();
    let (token, expires_on) = match question.answer {
        Answer::Error => return Ok(Outcome { kind: "auth-failed".to_owned(), ..Outcome::default() }),
        Answer::Output(name) => {
            let output = wire.rest.get(name).context("the CLI printed nothing")?;
            (output["accessToken"].as_str().map(ToOwned::to_owned), output["expires_on"].as_f64())
        }
        Answer::Response => {
            let answer = exchange.and_then(body).context("no answer")?;
            let expires_on = answer["expires_on"].as_str().and_then(|text| text.parse().ok());
            (answer["access_token"].as_str().map(ToOwned::to_owned), expires_on)
        }
        Answer::Token(token) => {
            let gives = |it: &&Exchange| body(it).is_some_and(|body| body["access_token"] == token);
            let exchange = wire.requests.iter().find(gives).context("no answer has that token")?;
            let lifetime = body(exchange).and_then(|body| body["expires_in"].as_f64());
            (Some(token.to_owned()), lifetime.map(|lifetime| 1_800_000_000.0 + exchange.at + lifetime))
        }
    };
    Ok(Outcome { kind: "token".to_owned(), token, expires_on, ..Outcome::default() })
}

fn collect(folder: &Path, path: &str, files: &mut BTreeMap<String, Content>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.insert(path, Content::of(std::fs::read(entry.path())?));
        }
    }
    Ok(())
}
