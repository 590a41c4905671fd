//! Runs the component through a case.

use super::corpus::{Call, Case, Done, Op};
use super::credential::{self, CUSTOM, Inexpressible};
use super::outcome::Outcome;
use super::recording::group;
use super::request::Request;
use super::script::Script;
use anyhow::{Context, Result};
use host_tests::bindings::{AccessToken, CredentialError, TokenRequest};
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::guest::Guest;
use host_tests::journal::{Journal, Sent};
use host_tests::renewal::Renewals;
use host_tests::surroundings::Surroundings;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::ResourceAny;

/// What the component did, call by call, or why it cannot be asked to. On a paused clock, in a runtime
/// of its own.
///
/// # Errors
/// When the guest traps, or the case is malformed.
pub fn perform(case: &Case, edition: Edition) -> Result<Result<Vec<Done>, Inexpressible>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async {
        let mut rules = Vec::new();
        for call in &case.calls {
            match credential::plan(case, &call.with) {
                Ok((_, extra)) => rules = extra,
                Err(reason) => return Ok(Err(reason)),
            }
        }
        let clock = Clock::starting_at(START);
        let script = Script::new(case, rules, clock.clone())?;
        let journal = Arc::new(Journal::new(clock.clone(), Arc::new(script)));
        let mut surroundings = Surroundings::new(clock.clone(), journal.clone());
        surroundings.env = case.env.clone();
        surroundings.edition = edition;
        let files = case.files.iter().map(|(path, content)| Ok((path.clone(), content.bytes()?)));
        surroundings.files = Some(files.collect::<Result<_>>()?);
        let guest = Guest::start(surroundings).await?;
        let (made, renewals) = (BTreeMap::new(), Renewals::default());
        let mut running = Running { case, journal, guest, made, renewals };
        let mut done = Vec::new();
        for (index, call) in case.calls.iter().enumerate() {
            done.push(running.call(call).await.with_context(|| format!("call {}", index + 1))?);
        }
        Ok(Ok(done))
    })
}

/// A case under way.
struct Running<'a> {
    case: &'a Case,
    journal: Arc<Journal>,
    guest: Guest,
    /// Credentials of earlier calls, by what they were made with beyond the case's options.
    made: BTreeMap<String, Option<ResourceAny>>,
    renewals: Renewals,
}

impl Running<'_> {
    async fn call(&mut self, call: &Call) -> Result<Done> {
        for (path, content) in &call.write_files_before {
            self.guest.disk().write(path, &content.bytes()?)?;
        }
        self.guest.pass(Duration::from_secs_f64(call.advance_before)).await?;
        let before = self.journal.sent().len();
        let mut answer = self.ask(call).await.context("the guest trapped")?;
        if let Some(outcome) = &answer
            && self.renewals.follow(&mut self.guest, &self.journal, before, outcome).await?
            // A challenge is never answered from the cache, so nothing is renewed for it.
            && call.claims.is_none()
        {
            answer = self.ask(call).await.context("the guest trapped")?;
        }
        let outcome = answer.map_or_else(Outcome::made, Outcome::from);
        let mut sent = self.journal.sent().split_off(before);
        sent.retain(|sent| !sent.request.uri().to_string().starts_with(CUSTOM));
        sent.retain(|sent| !Request::sent(&sent.request).is_discovery());
        let waits: Vec<_> = sent.windows(2).map(|pair| seconds(&pair[1]) - seconds(&pair[0])).collect();
        let requests = sent.iter().map(|sent| Request::sent(&sent.request));
        Ok(Done { sent: group(requests, Some(&waits)), outcome })
    }

    /// What comes of a call; `None`: it only makes a credential, and that is made.
    async fn ask(&mut self, call: &Call) -> Result<Option<Result<AccessToken, CredentialError>>> {
        let mut request = TokenRequest {
            scopes: call.scopes.clone(),
            tenant_id: call.tenant_id.clone(),
            claims: call.claims.clone(),
            enable_cae: call.enable_cae,
        };
        if call.op != Op::GetToken {
            request.scopes = vec!["https://vault.azure.net/.default".to_owned()];
        }
        let answer = match self.credential(&call.with, &request.scopes).await? {
            Err(error) => Err(error),
            Ok(Some(_)) if call.op == Op::Make => return Ok(None),
            Ok(Some(credential)) => self.guest.get_token_of(credential, &request).await?,
            Ok(None) => self.guest.get_token(&request).await?,
        };
        Ok(Some(answer))
    }

    async fn credential(
        &mut self,
        with: &Map<String, Value>,
        scopes: &[String],
    ) -> Result<Result<Option<ResourceAny>, CredentialError>> {
        let key = serde_json::to_string(with)?;
        if let Some(credential) = self.made.get(&key) {
            return Ok(Ok(*credential));
        }
        let (plan, _) = credential::plan(self.case, with).map_err(anyhow::Error::msg)?;
        match plan.make(&mut self.guest, scopes).await?.transpose() {
            Ok(credential) => Ok(Ok(*self.made.entry(key).or_insert(credential))),
            Err(error) => Ok(Err(error)),
        }
    }
}

fn seconds(sent: &Sent) -> f64 {
    sent.at.as_secs_f64()
}

/// 2027-01-15T08:00:00.250Z, when all recordings began.
const START: Duration = Duration::from_millis(1_800_000_000_250);
