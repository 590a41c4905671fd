//! Runs a case and compares the outcome with the expected one.

use super::expect::{Outcome, check, render};
use super::golden::golden;
use super::own_secrets::own_secrets;
use super::{Call, Case};
use crate::clock::Clock;
use crate::edition::Edition;
use crate::environment::TestEnvironment;
use crate::guest::Guest;
use crate::journal::Journal;
use crate::renewal::Renewals;
use crate::secrets;
use ::golden::is_update_requested;
use anyhow::{Context, Result, bail, ensure};
use azure_simulator::Azure;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::ResourceAny;

#[cfg(test)]
mod tests;

/// Runs the case in `folder` with an edition, on a paused clock in a runtime of its own. With `UPDATE_EXPECT=1` in
/// the environment the edition for WASI 0.2 rewrites the golden files; the other editions are compared with them.
///
/// # Errors
/// When the outcome differs from what the case expects; the error of a golden file is a diff.
pub fn run(folder: &Path, edition: Edition) -> Result<()> {
    run_and(folder, edition, is_update_requested() && edition == Edition::Wasi02)
}

/// As [`run`]; `update` decides whether the golden files are rewritten.
fn run_and(folder: &Path, edition: Edition, update: bool) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    let (mut requests, mut errors) = (String::new(), String::new());
    for (variant, case) in variants(Case::read(folder)?) {
        let outcome = runtime.block_on(async { CaseRun::start(case, edition).await?.finish().await });
        let (sent, failures) = if variant.is_empty() { outcome } else { outcome.with_context(|| variant) }?;
        requests += if requests.is_empty() || sent.is_empty() { "" } else { "\n" };
        requests += &sent;
        errors += &failures;
    }
    let requests_file = folder.join("requests.txt");
    if !update {
        requests = with_golden_times(&requests, &requests_file);
    }
    golden(&requests_file, &requests, update)?;
    golden(&folder.join("error.txt"), &errors, update)
}

/// Replaces times in `requests` by those of the golden file that differ by a tenth of a second at most: the paused
/// clock advances a millisecond for each timer, and the number of timers is no part of the expected behaviour.
fn with_golden_times(requests: &str, golden: &Path) -> String {
    let kept = std::fs::read_to_string(golden).unwrap_or_default();
    let time = |line: &str| line.strip_prefix("  at ")?.strip_suffix(" s\n")?.parse::<f64>().ok();
    let mut kept = kept.split_inclusive('\n');
    let lines = requests.split_inclusive('\n').map(|line| match (kept.next(), time(line)) {
        (Some(kept), Some(at)) if time(kept).is_some_and(|it| (it - at).abs() < 0.15) => kept,
        _ => line,
    });
    lines.collect()
}

/// The case once for each mutation of `mutate-env`, with a description; without mutations, the case itself.
fn variants(case: Case) -> Vec<(String, Case)> {
    let Some(mutate) = case.mutate_env.clone() else { return vec![(String::new(), case)] };
    let mutated = |(variable, text): (String, String)| {
        let mut case = case.clone();
        case.env.entry(variable.clone()).or_insert_with(|| "x".to_owned()).push_str(&text);
        (format!("with {variable} ending in {text:?}"), case)
    };
    mutate.pairs().into_iter().map(mutated).collect()
}

/// A case while it runs.
struct CaseRun {
    case: Case,
    clock: Clock,
    azure: Azure,
    journal: Arc<Journal>,
    guest: Guest,
    /// Credentials of earlier calls, by the text of their `via`: equal texts share one handle.
    credentials: HashMap<String, ResourceAny>,
    /// The secrets of the case; those that the simulated Azure issues come in addition.
    secrets: Vec<(String, String)>,
    errors: String,
    renewals: Renewals,
}

impl CaseRun {
    async fn start(case: Case, edition: Edition) -> Result<Self> {
        let clock = Clock::simulated();
        let azure = Azure::new(clock.clone(), case.azure.clone());
        let journal = Arc::new(Journal::new(clock.clone(), Arc::new(azure.clone())));
        let mut environment = TestEnvironment::new(clock.clone(), journal.clone());
        environment.env = case.env.clone();
        environment.edition = edition;
        let mut files = Vec::new();
        for (path, file) in &case.files {
            files.extend(file.read(path)?);
        }
        let secrets = own_secrets(&case, &files)?;
        environment.files = (!case.no_files).then(|| files.into_iter().collect());
        let guest = Guest::start(environment).await?;
        for (path, target) in &case.links {
            guest.disk().link(path, target)?;
        }
        let (credentials, errors, renewals) = (HashMap::new(), String::new(), Renewals::default());
        Ok(Self { case, clock, azure, journal, guest, credentials, secrets, errors, renewals })
    }

    /// Runs all calls. Returns the requests that were sent, and the errors.
    async fn finish(mut self) -> Result<(String, String)> {
        let calls = std::mem::take(&mut self.case.calls);
        for (index, call) in calls.iter().enumerate() {
            if let Err(error) = self.call(call).await {
                bail!("call {} of {}: {error:#}\n{}", index + 1, calls.len(), self.diagnostics());
            }
        }
        for (_, credential) in std::mem::take(&mut self.credentials) {
            self.guest
                .drop_handle(credential)
                .await
                .context("the guest trapped when a credential was dropped")?;
        }
        let unexpected = self.azure.unexpected();
        ensure!(unexpected.is_empty(), "unexpected requests:\n{}", unexpected.join("\n"));
        let requests = self.requests();
        let seen = [
            ("the guest's output".to_owned(), self.guest.output()),
            ("the errors".to_owned(), self.errors.clone()),
            ("requests.txt".to_owned(), requests.clone()),
        ];
        let found = secrets::find(&self.all_secrets(), &seen);
        ensure!(found.is_empty(), "secrets leak: {}", found.join("; "));
        Ok((requests, self.errors))
    }

    async fn call(&mut self, call: &Call) -> Result<()> {
        for (path, file) in &call.write_files {
            for (path, content) in file.read(path)? {
                self.guest.disk().write(&path, &content)?;
            }
        }
        for path in &call.remove_files {
            self.guest.disk().remove(path).with_context(|| format!("{path} cannot be removed"))?;
        }
        self.clock.jump(call.jump);
        self.guest.pass(Duration::from_secs(call.advance)).await?;
        let (sent_before, began) = (self.journal.sent().len(), self.clock.elapsed());
        let outcome = tokio::time::timeout(CALL_TIMEOUT, self.get_token(call)).await;
        let mut outcome = outcome.context("the call does not return")?.context("the guest trapped")?;
        let took = (self.clock.elapsed() - began).as_secs_f64();
        let (renewals, journal) = (&mut self.renewals, &self.journal);
        // A call with claims bypasses the cache, so it causes no renewal in the background.
        let is_renewed = renewals.follow(&mut self.guest, journal, sent_before, &outcome).await?;
        if is_renewed && call.claims.is_none() {
            outcome = self.get_token(call).await.context("the guest trapped")?;
        }
        let sent = self.journal.sent().len() - sent_before;
        check(&call.expect, &outcome, self.clock.now())?;
        ensure!(sent == call.expect.requests, "expected {} requests, got {sent}", call.expect.requests);
        if let Some(within) = call.expect.within {
            ensure!(took <= within, "expected at most {within} s, took {took} s");
        }
        if let Err(error) = outcome {
            self.errors += &render(&error);
        }
        Ok(())
    }

    async fn get_token(&mut self, call: &Call) -> Result<Outcome> {
        let via = format!("{:?}", call.via);
        let credential = match self.credentials.get(&via) {
            Some(credential) => Some(*credential),
            None => match call.via.create(&mut self.guest).await? {
                Some(Ok(credential)) => Some(*self.credentials.entry(via).or_insert(credential)),
                Some(Err(error)) => return Ok(Err(error)),
                None => None,
            },
        };
        match credential {
            Some(credential) => self.guest.get_token_of(credential, &call.build_request()).await,
            None => self.guest.get_token(&call.build_request()).await,
        }
    }

    /// The state of the case, for the message of a failed call.
    fn diagnostics(&self) -> String {
        let parts = [
            ("unexpected requests", self.azure.unexpected().join("\n")),
            ("requests so far", self.requests()),
            ("the guest's output", self.guest.output()),
        ];
        let parts = parts.iter().filter(|(_, text)| !text.is_empty());
        parts.map(|(what, text)| format!("{what}:\n{text}")).collect::<Vec<_>>().join("\n")
    }

    /// The requests so far, in the format of `requests.txt`.
    fn requests(&self) -> String {
        let secrets = self.all_secrets();
        let requests: Vec<_> = self.journal.sent().iter().map(|sent| sent.render(&secrets)).collect();
        requests.join("\n")
    }

    fn all_secrets(&self) -> Vec<(String, String)> {
        [self.secrets.clone(), self.azure.secrets()].concat()
    }
}

/// The timeout of a call, on the case's clock. The longest legitimate call, a sign-in on another device, takes a
/// quarter of it.
const CALL_TIMEOUT: Duration = Duration::from_secs(3600);
