//! Replays a case: runs the component through its calls, on a simulated clock and network.

use crate::case::{Attempts, Call, Case, Done, Op};
use crate::credential::{self, CUSTOM, ENABLE_AZURE_PROXY, Inexpressible};
use crate::outcome::Outcome;
use crate::script::{Exchange, Script};
use anyhow::{Context, Result};
use host_tests::bindings::{AccessToken, CredentialError, TokenRequest};
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::environment::TestEnvironment;
use host_tests::guest::Guest;
use host_tests::journal::Journal;
use host_tests::renewal::Renewals;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::ResourceAny;

/// The start of every recording, 2027-01-15T08:00:00.250Z, since the Unix epoch.
pub const START: Duration = Duration::from_millis(1_800_000_000_250);

/// The component's behaviour in a case, call by call.
#[derive(Debug, Default)]
pub struct Replayed {
    /// The requests and the outcome of each call, as they are compared.
    pub calls: Vec<Done>,
    /// When each call began, since the start of the case.
    pub began: Vec<Duration>,
    /// The exchanges of each call that are compared, retries included.
    pub exchanges: Vec<Vec<Exchange>>,
}

/// Runs the component through a case, or returns why its credential cannot be expressed in WIT.
///
/// # Errors
/// When the guest traps, or the case is malformed.
pub fn replay(case: &Case, edition: Edition) -> Result<Result<Replayed, Inexpressible>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async {
        let mut rules = Vec::new();
        for call in &case.calls {
            match credential::config(case, &call.with) {
                Ok((_, extra)) => rules = extra,
                Err(reason) => return Ok(Err(reason)),
            }
        }
        let mut running = Running::start(case, rules, edition).await?;
        let mut replayed = Replayed::default();
        for (index, call) in case.calls.iter().enumerate() {
            let context = || format!("call {}", index + 1);
            running.call(call, &mut replayed).await.with_context(context)?;
        }
        Ok(Ok(replayed))
    })
}

/// A case under way.
struct Running<'a> {
    case: &'a Case,
    clock: Clock,
    script: Arc<Script>,
    journal: Arc<Journal>,
    guest: Guest,
    /// The credentials of earlier calls, by the options that only those calls have.
    credentials: BTreeMap<String, Option<ResourceAny>>,
    renewals: Renewals,
}

impl<'a> Running<'a> {
    async fn start(case: &'a Case, rules: Vec<crate::case::Rule>, edition: Edition) -> Result<Self> {
        let clock = Clock::starting_at(START);
        let script = Arc::new(Script::new(case, rules, clock.clone())?);
        let journal = Arc::new(Journal::new(clock.clone(), script.clone()));
        let mut environment = TestEnvironment::new(clock.clone(), journal.clone());
        environment.env = case.env.clone();
        if case.options.get(ENABLE_AZURE_PROXY) == Some(&Value::Bool(true)) {
            environment.env.insert("AZURE_IDENTITY_ENABLE_AZURE_PROXY".to_owned(), "true".to_owned());
        }
        environment.edition = edition;
        let files = case.files.iter().map(|(path, content)| Ok((path.clone(), content.bytes()?)));
        environment.files = Some(files.collect::<Result<_>>()?);
        let guest = Guest::start(environment).await?;
        let (credentials, renewals) = (BTreeMap::new(), Renewals::default());
        Ok(Self { case, clock, script, journal, guest, credentials, renewals })
    }

    async fn call(&mut self, call: &Call, replayed: &mut Replayed) -> Result<()> {
        for (path, content) in &call.write_files_before {
            self.guest.disk().write(path, &content.bytes()?)?;
        }
        self.guest.pass(Duration::from_secs_f64(call.advance_before)).await?;
        let (began, before) = (self.clock.elapsed(), self.script.exchanges().len());
        let mut result = self.result(call).await.context("the guest trapped")?;
        if let Some(outcome) = &result
            && self.renewals.follow(&mut self.guest, &self.journal, before, outcome).await?
            // A claims challenge bypasses the cache, so no token is renewed for it.
            && call.claims.is_none()
        {
            result = self.result(call).await.context("the guest trapped")?;
        }
        let mut exchanges = self.script.exchanges().split_off(before);
        exchanges.retain(|it| !it.request.url.starts_with(CUSTOM) && !it.request.is_discovery());
        let seconds = |exchange: &Exchange| exchange.at.as_secs_f64();
        let waits: Vec<_> = exchanges.windows(2).map(|pair| seconds(&pair[1]) - seconds(&pair[0])).collect();
        let requests = exchanges.iter().map(|exchange| exchange.request.clone());
        replayed.calls.push(Done {
            sent: Attempts::group(requests, Some(&waits)),
            outcome: result.map_or_else(Outcome::made, Outcome::from),
        });
        replayed.began.push(began);
        replayed.exchanges.push(exchanges);
        Ok(())
    }

    /// The result of a call; `None`: the call only constructs a credential, which succeeded.
    async fn result(&mut self, call: &Call) -> Result<Option<Result<AccessToken, CredentialError>>> {
        let mut request = TokenRequest {
            scopes: call.scopes.clone(),
            tenant_id: call.tenant_id.clone(),
            claims: call.claims.clone(),
            enable_cae: call.enable_cae,
            options: Vec::new(),
        };
        if call.op != Op::GetToken {
            request.scopes = vec!["https://vault.azure.net/.default".to_owned()];
        }
        let result = match self.credential(&call.with, &request.scopes).await? {
            Err(error) => Err(error),
            Ok(Some(_)) if call.op == Op::Make => return Ok(None),
            Ok(Some(credential)) => self.guest.get_token_of(credential, &request).await?,
            Ok(None) => self.guest.get_token(&request).await?,
        };
        Ok(Some(result))
    }

    /// The credential of a call, constructed once; `None`: the call goes to `token-credential`.
    async fn credential(
        &mut self,
        with: &Map<String, Value>,
        scopes: &[String],
    ) -> Result<Result<Option<ResourceAny>, CredentialError>> {
        let key = serde_json::to_string(with)?;
        if let Some(credential) = self.credentials.get(&key) {
            return Ok(Ok(*credential));
        }
        let (config, _) = credential::config(self.case, with).map_err(anyhow::Error::msg)?;
        match config.construct(&mut self.guest, scopes).await?.transpose() {
            Ok(credential) => Ok(Ok(*self.credentials.entry(key).or_insert(credential))),
            Err(error) => Ok(Err(error)),
        }
    }
}
