//! Runs a case and says what is wrong with what came of it.

use super::{Call, Case, Expect};
use crate::azure::Azure;
use crate::bindings::{AccessToken, CredentialError, ErrorKind};
use crate::clock::Clock;
use crate::guest::{Guest, Surroundings};
use crate::journal::Journal;
use crate::secrets;
use anyhow::{Context, Result, bail, ensure};
use similar::TextDiff;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::ResourceAny;

/// Runs the case in `folder`. On a paused clock, in a runtime of its own.
///
/// # Errors
/// Whatever differs from what the case expects, with a diff where it is text.
pub fn run(folder: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async { Running::start(Case::read(folder)?).await?.finish().await })
}

/// A case under way.
struct Running {
    case: Case,
    clock: Clock,
    azure: Azure,
    journal: Arc<Journal>,
    guest: Guest,
    /// Credentials of earlier calls; the same words mean the same handle.
    made: HashMap<String, ResourceAny>,
    secrets: Vec<(String, String)>,
    errors: String,
}

type Outcome = Result<AccessToken, CredentialError>;

impl Running {
    async fn start(case: Case) -> Result<Self> {
        let clock = Clock::simulated();
        let azure = Azure::new(clock.clone(), case.azure.clone());
        let journal = Arc::new(Journal::new(clock.clone(), Arc::new(azure.clone())));
        let mut surroundings = Surroundings::new(clock.clone(), journal.clone());
        surroundings.env = case.env.clone();
        let mut files = Vec::new();
        for (path, file) in &case.files {
            files.extend(file.read(path)?);
        }
        let secrets = own_secrets(&case, &files);
        surroundings.files = (!case.no_files).then(|| files.into_iter().collect());
        let guest = Guest::start(surroundings).await?;
        let (made, errors) = (HashMap::new(), String::new());
        Ok(Self { case, clock, azure, journal, guest, made, secrets, errors })
    }

    async fn finish(mut self) -> Result<()> {
        let calls = std::mem::take(&mut self.case.calls);
        for (index, call) in calls.iter().enumerate() {
            self.call(call).await.with_context(|| format!("call {} of {}", index + 1, calls.len()))?;
        }
        let unexpected = self.azure.unexpected();
        ensure!(unexpected.is_empty(), "requests that nobody expects:\n{}", unexpected.join("\n"));
        self.secrets.extend(calls.iter().flat_map(|call| call.via.secrets()));
        self.secrets.extend(self.azure.secrets());
        let seen = [
            ("the guest's output".to_owned(), self.guest.output()),
            ("the errors".to_owned(), self.errors.clone()),
        ];
        let found = secrets::find(&self.secrets, &seen);
        ensure!(found.is_empty(), "secrets leak: {}", found.join("; "));
        let sent = self.journal.sent();
        let requests: Vec<_> = sent.iter().map(|sent| sent.render(&self.secrets)).collect();
        golden(&self.case.folder.join("requests.txt"), &requests.join("\n"))?;
        golden(&self.case.folder.join("error.txt"), &self.errors)
    }

    async fn call(&mut self, call: &Call) -> Result<()> {
        for (path, text) in &call.write_files {
            self.guest.write_file(path, text.as_bytes())?;
        }
        self.clock.jump(call.jump);
        self.clock.advance(Duration::from_secs(call.advance)).await;
        let (sent_before, began) = (self.journal.sent().len(), self.clock.elapsed());
        let outcome = self.ask(call).await.context("the guest trapped")?;
        let took = (self.clock.elapsed() - began).as_secs_f64();
        let sent = self.journal.sent().len() - sent_before;
        check(&call.expect, &outcome, self.clock.now())?;
        ensure!(sent == call.expect.requests, "{sent} requests, {} expected", call.expect.requests);
        if let Some(within) = call.expect.within {
            ensure!(took <= within, "took {took} s, {within} s expected at the most");
        }
        if let Err(error) = outcome {
            self.errors += &render(&error);
        }
        Ok(())
    }

    async fn ask(&mut self, call: &Call) -> Result<Outcome> {
        let words = format!("{:?}", call.via);
        let credential = match self.made.get(&words) {
            Some(credential) => Some(*credential),
            None => match call.via.make(&mut self.guest).await? {
                Some(Ok(credential)) => Some(*self.made.entry(words).or_insert(credential)),
                Some(Err(error)) => return Ok(Err(error)),
                None => None,
            },
        };
        match credential {
            Some(credential) => self.guest.get_token_of(credential, &call.request()).await,
            None => self.guest.get_token(&call.request()).await,
        }
    }
}

fn check(expect: &Expect, outcome: &Outcome, now: u64) -> Result<()> {
    match (outcome, &expect.error) {
        (Ok(token), None) => {
            let source = expect.source.as_deref().context("expect names neither source nor error")?;
            ensure!(token.source == source, "the token is of {}, {source} expected", token.source);
            ensure!(token.token_type == "Bearer", "the token's type is {}", token.token_type);
            if let Some(wanted) = &expect.token {
                ensure!(&token.token == wanted, "another token than expected");
            }
            let left = |time: u64| i128::from(time) - i128::from(now);
            let expected = expect.expires_in.map(i128::from).unwrap_or(left(token.expires_on));
            ensure!(
                left(token.expires_on) == expected,
                "expires in {} s, {expected} s expected",
                left(token.expires_on)
            );
            let (due, expected) = (token.refresh_on.map(left), expect.refresh_in.map(i128::from));
            ensure!(expected.is_none() || due == expected, "is due in {due:?} s, {expected:?} s expected");
            Ok(())
        }
        (Err(error), Some(kind)) => {
            ensure!(
                name(error.kind) == kind,
                "the error is {}, {kind} expected:\n{}",
                name(error.kind),
                render(error)
            );
            Ok(())
        }
        (Ok(token), Some(kind)) => bail!("a token of {} came, {kind} expected", token.source),
        (Err(error), None) => bail!("no token came:\n{}", render(error)),
    }
}

/// An error for people, and for golden files.
fn render(error: &CredentialError) -> String {
    let mut text = format!("{}: {}\n", name(error.kind), error.message);
    let mut line = |line: String| writeln!(text, "  {line}").expect("memory does not fail");
    if !error.error_codes.is_empty() {
        line(format!("error codes {:?}", error.error_codes));
    }
    if let Some(claims) = &error.claims {
        line(format!("claims {claims}"));
    }
    for attempt in &error.attempts {
        line(format!("tried {} ({}): {}", attempt.source, name(attempt.kind), attempt.message));
    }
    text
}

/// A kind as WIT spells it.
pub fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Rejected => "rejected",
        ErrorKind::Unreachable => "unreachable",
        ErrorKind::InvalidRequest => "invalid-request",
        ErrorKind::Other => "other",
    }
}

/// What of the case itself is secret: variables and, in files, the members that hold secrets.
fn own_secrets(case: &Case, files: &[(String, Vec<u8>)]) -> Vec<(String, String)> {
    let is_secret = |name: &str| SECRET_VARIABLES.contains(&name);
    let variables = case.env.iter().filter(|(name, _)| is_secret(name));
    let mut secrets: Vec<_> = variables.map(|(name, value)| (name.clone(), value.clone())).collect();
    let pattern =
        regex::Regex::new(r#""(secret|client_secret|accessToken|client_assertion)"\s*:\s*"([^"]+)""#);
    let pattern = pattern.expect("a pattern");
    for (path, content) in files {
        for found in pattern.captures_iter(&String::from_utf8_lossy(content)) {
            secrets.push((format!("{} of {path}", &found[1]), found[2].to_owned()));
        }
    }
    secrets
}

const SECRET_VARIABLES: &[&str] = &[
    "AZURE_CLIENT_SECRET",
    "AZURE_PASSWORD",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "IDENTITY_HEADER",
    "MSI_SECRET",
];

/// Compares a text with its golden file, or writes that with `BLESS=1`. No text, no file.
fn golden(path: &Path, text: &str) -> Result<()> {
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    if kept == text {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        return Ok(if text.is_empty() { std::fs::remove_file(path)? } else { std::fs::write(path, text)? });
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let diff =
        TextDiff::from_lines(kept.as_str(), text).unified_diff().header(&name, "what happened").to_string();
    bail!("{name} differs (BLESS=1 cargo test writes it anew):\n{diff}")
}
