//! Runs a row: a hostile app over http-auth and the provider, and the services that it reaches.

use super::app::App;
use super::hostile_service::{HostileService, MARK, tokens, tokens_in};
use super::named::Named;
use super::row::{Attack, Parts};
use super::verdict::{self, Met, Observed};
use crate::scenario::TWO_TENANTS;
use crate::way::Way;
use anyhow::{Context, Result, ensure};
use azure_http_auth_rules::rules::services::TABLE;
use azure_simulator::{Azure, Settings};
use bytes::Bytes;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use host_tests::secrets;
use http::Request;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Runs a row. The error is why it fails.
pub async fn run(way: Way, attack: &Attack) -> Result<Met> {
    let rules = attack.rules();
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), settings(rules)?);
    let service = Arc::new(HostileService::new(azure.clone(), attack));
    let mut environment = TestEnvironment::new(clock, service.clone());
    environment.forbids_headers = false;
    environment.env = variables(attack);
    let mut app = App::start(way, environment).await?;
    let named = Named::read(rules);
    let mut observed = Observed::default();
    for request in attack.requests()? {
        observed.learned = order(&mut app, request).await?;
        observed.sent = service.take();
        for request in &observed.sent {
            no_token_goes_elsewhere(request, &named)?;
        }
        observed.log = app.output();
        no_secret_is_learned(&azure, attack, &observed)?;
    }
    app_keeps_no_token(&mut app, &azure, attack).await?;
    no_secret_is_logged(&azure, attack, &observed)?;
    let traced = secrets::find(&azure.secrets(), &[("the trace".to_owned(), app.trace())]);
    ensure!(traced.is_empty(), "{}", traced.join(", "));
    if is_refused_by_wasmtime(&app, &observed.learned) && observed.sent.is_empty() {
        return Ok(Met::ByWasmtime);
    }
    verdict::check(attack, &observed)?;
    Ok(Met::AsItSays)
}

/// Whether the app learned an error, and wasmtime asked its hooks for no decision.
pub fn is_refused_by_wasmtime(app: &App, learned: &str) -> bool {
    app.asked_for_no_decision() && learned.starts_with("error: ")
}

/// Makes the app send a request, marked as its own.
pub async fn order(app: &mut App, mut parts: Parts) -> Result<String> {
    parts.headers.push((MARK.to_owned(), "1".to_owned()));
    app.command("/raw", parts.encode()).await
}

/// The variables of a row.
pub fn variables(attack: &Attack) -> BTreeMap<String, String> {
    use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
    let principal = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
    ];
    let principal = principal.into_iter().filter(|_| attack.service_principal);
    let rules = [("AZURE_HTTP_AUTH_RULES", attack.rules())];
    let all = principal.chain(rules).map(|(name, value)| (name.to_owned(), value.to_owned()));
    all.chain(attack.variables.clone()).collect()
}

/// A simulated Azure with every resource of the table and of the rules, and with another tenant that issues tokens, too.
fn settings(rules: &str) -> Result<Settings> {
    let of_rules = rules.split_whitespace().filter_map(|word| word.strip_prefix("scope="));
    let scopes = TABLE.iter().map(|row| row.scope).chain(of_rules);
    let resources: BTreeSet<_> = scopes.map(|scope| scope.trim_end_matches("/.default")).collect();
    let resources = resources.into_iter().collect::<Vec<_>>();
    Ok(toml::from_str(&format!("resources = {resources:?}\n{TWO_TENANTS}"))?)
}

/// A token arrives at a server that the rules name with this token's resource, or nowhere.
fn no_token_goes_elsewhere(request: &Request<Bytes>, named: &Named) -> Result<()> {
    for token in tokens(request) {
        let claims = azure_simulator::jwt::verify(&token).context("a token of the simulated Azure")?;
        let resource = claims["aud"].as_str().unwrap_or_default();
        let (scheme, authority) = (request.uri().scheme_str(), request.uri().authority());
        let server = format!("{}://{}", scheme.unwrap_or("?"), authority.map_or("?", |it| it.as_str()));
        ensure!(
            named.allow(&server, resource),
            "a token for {resource} was sent to {server}, which no rule names with it"
        );
    }
    Ok(())
}

/// What the app learned contains no secret.
fn no_secret_is_learned(azure: &Azure, attack: &Attack, observed: &Observed) -> Result<()> {
    let learned = [("what the app learned".to_owned(), observed.learned.clone())];
    let found = secrets::find(&azure.secrets(), &learned);
    if attack.documented_limit.is_some() {
        ensure!(
            !tokens_in(&observed.learned).is_empty(),
            "the documented limit is gone: the app sees no token"
        );
    } else {
        ensure!(found.is_empty(), "{}", found.join(", "));
    }
    Ok(())
}

/// No part of the app's memory contains a token.
async fn app_keeps_no_token(app: &mut App, azure: &Azure, attack: &Attack) -> Result<()> {
    let needles: Vec<_> = azure.secrets().iter().filter_map(|(_, secret)| signature(secret)).collect();
    if attack.documented_limit.is_some() { Ok(()) } else { search(app, &needles).await }
}

/// No part of the app's memory contains one of these tokens.
pub async fn app_has_no(app: &mut App, tokens: impl Iterator<Item = &String>) -> Result<()> {
    search(app, &tokens.filter_map(|token| signature(token)).collect::<Vec<_>>()).await
}

/// The signature of a token, in hexadecimal.
fn signature(token: &str) -> Option<String> {
    let signature = token.strip_prefix("eyJ")?.rsplit('.').next()?;
    Some(signature.bytes().map(|byte| format!("{byte:02x}")).collect())
}

async fn search(app: &mut App, needles: &[String]) -> Result<()> {
    if needles.is_empty() {
        return Ok(());
    }
    let counts = app.command("/scan", needles.join("\n")).await?;
    let is_clean = counts.lines().skip(1).all(|count| count == "0");
    ensure!(is_clean, "the app's memory contains a token: {counts}");
    Ok(())
}

/// The log contains no secret, and nothing of a request but its server.
fn no_secret_is_logged(azure: &Azure, attack: &Attack, observed: &Observed) -> Result<()> {
    let found = secrets::find(&azure.secrets(), &[("the log".to_owned(), observed.log.clone())]);
    ensure!(found.is_empty(), "{}", found.join(", "));
    let parts = attack.requests()?.pop().context("a row has a request")?;
    let path = parts.path.filter(|path| path.len() > 1);
    let is_server = |value: &String| parts.authority.as_ref() == Some(value);
    let values = parts.headers.into_iter().map(|(_, value)| value);
    let values = values.filter(|value| value.len() > 6 && !is_server(value));
    for text in path.into_iter().chain(values).chain(parts.body.filter(|body| !body.is_empty())) {
        ensure!(!observed.log.contains(&text), "the log repeats {text:?} of the request:\n{}", observed.log);
    }
    let limit = attack.log_lines.unwrap_or(5);
    let lines = observed.log.lines().count();
    ensure!(lines <= limit, "the log has {lines} lines, more than {limit}");
    let is_ours = |line: &str| line.starts_with("http-auth: ");
    ensure!(observed.log.lines().all(is_ours), "a line of the log is not http-auth's:\n{}", observed.log);
    Ok(())
}
