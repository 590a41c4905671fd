//! Runs a case and says what is wrong with what came of it.

use super::expect::{Outcome, check, render};
use super::golden::golden;
use super::own_secrets::own_secrets;
use super::{Call, Case, spoil};
use crate::clock::Clock;
use crate::edition::Edition;
use crate::guest::Guest;
use crate::journal::Journal;
use crate::renewal::Renewals;
use crate::secrets;
use crate::surroundings::Surroundings;
use anyhow::{Context, Result, bail, ensure};
use azure_simulator::Azure;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::ResourceAny;

pub use super::expect::name;

#[cfg(test)]
mod tests;

/// Runs the case in `folder` with an edition. On a paused clock, in a runtime of its own. With `BLESS=1` in
/// the environment the golden files are written anew, by the edition for WASI 0.2; the other one has to
/// do the same.
///
/// # Errors
/// Whatever differs from what the case expects, with a diff where it is text.
pub fn run(folder: &Path, edition: Edition) -> Result<()> {
    let bless = std::env::var_os("BLESS").is_some_and(|bless| bless == "1");
    run_and(folder, edition, bless && edition == Edition::Wasi02)
}

/// As [`run`], whatever the environment says about golden files.
fn run_and(folder: &Path, edition: Edition, bless: bool) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    let (mut requests, mut errors) = (String::new(), String::new());
    for (variant, case) in spoil::environments(Case::read(folder)?) {
        let outcome = runtime.block_on(async { Running::start(case, edition).await?.finish().await });
        let (sent, said) = if variant.is_empty() { outcome } else { outcome.with_context(|| variant) }?;
        requests += if requests.is_empty() || sent.is_empty() { "" } else { "\n" };
        requests += &sent;
        errors += &said;
    }
    let requests_file = folder.join("requests.txt");
    if !bless {
        requests = with_golden_times(&requests, &requests_file);
    }
    golden(&requests_file, &requests, bless)?;
    golden(&folder.join("error.txt"), &errors, bless)
}

/// The times of the golden file, where those of `requests` are no more than a tenth of a second away: the
/// paused clock moves a millisecond for each timer, and how many there are is not the case's affair.
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

/// A case under way.
struct Running {
    case: Case,
    clock: Clock,
    azure: Azure,
    journal: Arc<Journal>,
    guest: Guest,
    /// Credentials of earlier calls; the same words mean the same handle.
    made: HashMap<String, ResourceAny>,
    /// The secrets of the case; the simulated Azure knows more.
    secrets: Vec<(String, String)>,
    errors: String,
    renewals: Renewals,
}

impl Running {
    async fn start(case: Case, edition: Edition) -> Result<Self> {
        let clock = Clock::simulated();
        let azure = Azure::new(clock.clone(), case.azure.clone());
        let journal = Arc::new(Journal::new(clock.clone(), Arc::new(azure.clone())));
        let mut surroundings = Surroundings::new(clock.clone(), journal.clone());
        surroundings.env = case.env.clone();
        surroundings.edition = edition;
        let mut files = Vec::new();
        for (path, file) in &case.files {
            files.extend(file.read(path)?);
        }
        let secrets = own_secrets(&case, &files)?;
        surroundings.files = (!case.no_files).then(|| files.into_iter().collect());
        let guest = Guest::start(surroundings).await?;
        for (path, target) in &case.links {
            guest.disk().link(path, target)?;
        }
        let (made, errors, renewals) = (HashMap::new(), String::new(), Renewals::default());
        Ok(Self { case, clock, azure, journal, guest, made, secrets, errors, renewals })
    }

    /// Returns the requests that were sent, and the errors.
    async fn finish(mut self) -> Result<(String, String)> {
        let calls = std::mem::take(&mut self.case.calls);
        for (index, call) in calls.iter().enumerate() {
            if let Err(error) = self.call(call).await {
                bail!("call {} of {}: {error:#}\n{}", index + 1, calls.len(), self.circumstances());
            }
        }
        for (_, credential) in std::mem::take(&mut self.made) {
            self.guest
                .drop_handle(credential)
                .await
                .context("the guest trapped as a credential was dropped")?;
        }
        let unexpected = self.azure.unexpected();
        ensure!(unexpected.is_empty(), "requests that nobody expects:\n{}", unexpected.join("\n"));
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
        let outcome = tokio::time::timeout(PATIENCE, self.ask(call)).await;
        let mut outcome =
            outcome.context("the guest waits for what never comes")?.context("the guest trapped")?;
        let took = (self.clock.elapsed() - began).as_secs_f64();
        let (renewals, journal) = (&mut self.renewals, &self.journal);
        // A challenge is never answered from the cache, so nothing is renewed for it.
        let is_renewed = renewals.follow(&mut self.guest, journal, sent_before, &outcome).await?;
        if is_renewed && call.claims.is_none() {
            outcome = self.ask(call).await.context("the guest trapped")?;
        }
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

    /// What somebody wants to see when a call went wrong.
    fn circumstances(&self) -> String {
        let parts = [
            ("requests that nobody expects", self.azure.unexpected().join("\n")),
            ("requests so far", self.requests()),
            ("the guest's output", self.guest.output()),
        ];
        let parts = parts.iter().filter(|(_, text)| !text.is_empty());
        parts.map(|(what, text)| format!("{what}:\n{text}")).collect::<Vec<_>>().join("\n")
    }

    /// Every request so far, as it stands in `requests.txt`.
    fn requests(&self) -> String {
        let secrets = self.all_secrets();
        let requests: Vec<_> = self.journal.sent().iter().map(|sent| sent.render(&secrets)).collect();
        requests.join("\n")
    }

    fn all_secrets(&self) -> Vec<(String, String)> {
        [self.secrets.clone(), self.azure.secrets()].concat()
    }
}

/// The longest that a call may wait, on the case's clock; the longest that there is, a sign-in on
/// another device, is a quarter of it.
const PATIENCE: Duration = Duration::from_secs(3600);
