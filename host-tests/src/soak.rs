//! Days in the life of one instance: ten identities, twenty scopes each, asked every few minutes, while
//! federated tokens rotate, a certificate is renewed, IMDS goes away for an hour a day and Microsoft Entra
//! throttles.
//!
//! Every token is looked into: whose it is, what for, until when. Every request is counted, and compared with
//! what a client needs that never fails and asks by the same rules (ARCHITECTURE §4, cache): one token for each key
//! whenever the one before is due, which is halfway through a lifetime of two hours or more, else five minutes
//! before its end; two requests for it where the source needs two.

mod identities;
mod weather;

use crate::bindings::{ErrorKind, TokenRequest};
use crate::clock::Clock;
use crate::fault_matrix::Start;
use crate::guest::Guest;
use crate::surroundings::Surroundings;
use anyhow::{Context, Result, ensure};
use azure_simulator::{Azure, Settings, jwt, settings};
use identities::{Identity, identities};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::ResourceAny;
use weather::Weather;

/// How long, how often, how long-lived.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Days.
    pub days: u64,
    /// Minutes between two rounds, in each of which every identity is asked for every scope.
    pub minutes: u64,
    /// How long tokens of applications live, in seconds.
    pub lifetime: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Calls of `get-token`.
    pub calls: usize,
    /// Calls that gave no token, all of them while something was down.
    pub failed: usize,
    /// Requests that were sent, those that failed included.
    pub requests: usize,
    /// Requests that a client needs that never fails.
    pub minimum: usize,
    /// The instance's linear memory after the first two days (or half of fewer), in bytes.
    pub memory_early: usize,
    /// The same at the end.
    pub memory: usize,
}

impl Outcome {
    /// Requests by the minimum of them.
    pub fn ratio(&self) -> f64 {
        self.requests as f64 / self.minimum as f64
    }
}

/// Lives through it, on a paused clock of its own. `each_day` is told the outcome so far.
///
/// # Errors
/// For a token that has expired or is another's, an error without a cause, and a trap.
pub fn live(plan: Plan, start: Start, each_day: impl Fn(u64, &Outcome)) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async { Life::begin(plan, start).await?.live(each_day).await })
}

struct Life {
    plan: Plan,
    clock: Clock,
    weather: Arc<Weather>,
    guest: Guest,
    identities: Vec<(Identity, ResourceAny)>,
    /// When each key is due in an ideal life, by identity and scope; then the tokens behind federated ones.
    due: Vec<Duration>,
    outcome: Outcome,
}

impl Life {
    async fn begin(plan: Plan, start: Start) -> Result<Self> {
        let clock = Clock::simulated();
        let mut azure = Settings { resources: (0..SCOPES).map(resource).collect(), ..Settings::default() };
        azure.lifetimes.application = plan.lifetime;
        azure.applications[0].certificates.push(identities::OTHER_CERTIFICATE.to_owned());
        let weather = Arc::new(Weather::new(clock.clone(), Azure::new(clock.clone(), azure)));
        let mut surroundings = Surroundings::new(clock.clone(), weather.clone());
        surroundings.env = identities::variables();
        let mut guest = start(surroundings).await?;
        identities::renew_files(&guest, &clock)?;
        let mut made = Vec::new();
        for identity in identities() {
            let credential = identity.via.make(&mut guest).await?.context("a credential that is made")?;
            let credential =
                credential.map_err(|error| anyhow::anyhow!("{}: {}", identity.name, error.message))?;
            made.push((identity, credential));
        }
        let due = vec![Duration::ZERO; made.len() * (SCOPES + 1)];
        Ok(Self { plan, clock, weather, guest, identities: made, due, outcome: Outcome::default() })
    }

    async fn live(mut self, each_day: impl Fn(u64, &Outcome)) -> Result<Outcome> {
        let (round, day) = (Duration::from_secs(self.plan.minutes * 60), Duration::from_secs(86_400));
        let early = day * u32::try_from(self.plan.days.div_ceil(2).min(2))?;
        let end = day * u32::try_from(self.plan.days)?;
        let (mut days, mut rounds) = (0, 0);
        while self.clock.elapsed() < end {
            let next = self.clock.elapsed() + round;
            identities::renew_files(&self.guest, &self.clock)?;
            for identity in 0..self.identities.len() {
                for scope in 0..SCOPES {
                    // Not all of them at once, or all were due together ever after.
                    if rounds >= (identity * SCOPES + scope) % ROUNDS_OF_BEGINNING {
                        self.ask(identity, scope).await?;
                    }
                }
            }
            rounds += 1;
            self.outcome.requests = self.weather.requests();
            self.outcome.memory = self.guest.memory();
            if self.clock.elapsed() < early {
                self.outcome.memory_early = self.outcome.memory;
            }
            if self.clock.elapsed().as_secs() / 86_400 > days {
                days += 1;
                each_day(days, &self.outcome);
            }
            self.clock.advance(next.saturating_sub(self.clock.elapsed())).await;
        }
        Ok(self.outcome)
    }

    async fn ask(&mut self, identity: usize, scope: usize) -> Result<()> {
        self.count_minimum(identity, scope);
        let scopes = vec![format!("{}/.default", resource(scope))];
        let request = TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false };
        let (Identity { name, .. }, credential) = &self.identities[identity];
        let answer = self.guest.get_token_of(*credential, &request).await.context("a trap")?;
        self.outcome.calls += 1;
        let now = self.clock.now();
        match answer {
            Ok(token) => {
                let claims = jwt::claims(&token.token).context("a token that is a JWT")?;
                let ends_on = claims["exp"].as_u64().context("a token that ends")?;
                ensure!(ends_on > now && token.expires_on > now, "{name}: a token that has expired");
                ensure!(
                    token.expires_on == ends_on,
                    "{name}: it ends at {ends_on}, not {}",
                    token.expires_on
                );
                ensure!(claims["aud"] == resource(scope).as_str(), "{name}: a token for {}", claims["aud"]);
                let appid = &claims["appid"];
                ensure!(*appid == self.identities[identity].0.client_id, "{name}: a token of {appid}");
            }
            Err(error) => {
                let is_excused = error.kind != ErrorKind::Rejected && self.weather.was_bad_lately();
                ensure!(is_excused, "{name} at {now}: {}", error.message);
                self.outcome.failed += 1;
            }
        }
        Ok(())
    }

    /// What a client would send here that never fails.
    fn count_minimum(&mut self, identity: usize, scope: usize) {
        let (now, index) = (self.clock.elapsed(), identity * (SCOPES + 1));
        if now < self.due[index + scope] {
            return;
        }
        let Identity { requests, lives_as, has_assertion_of_managed_identity, .. } =
            &self.identities[identity].0;
        let application = if lives_as.is_none() { self.plan.lifetime } else { 0 };
        self.outcome.minimum += requests;
        self.due[index + scope] = now + due_in(lives_as.unwrap_or(application));
        if *has_assertion_of_managed_identity && now >= self.due[index + SCOPES] {
            self.outcome.minimum += 1;
            self.due[index + SCOPES] = now + due_in(identities::MANAGED_IDENTITY_LIVES);
        }
    }
}

/// After how long a token of that lifetime is due.
fn due_in(lifetime: u64) -> Duration {
    Duration::from_secs(if lifetime >= 7200 { lifetime / 2 } else { lifetime - 299 })
}

fn resource(scope: usize) -> String {
    format!("https://service-{scope}.contoso.example")
}

/// Of each identity.
pub const SCOPES: usize = 20;

/// So many rounds it takes until every key is in use.
const ROUNDS_OF_BEGINNING: usize = 16;
/// The tenant of all.
const TENANT: &str = settings::TENANT_ID;
