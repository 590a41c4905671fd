//! The soak test: days in the life of one instance. Ten identities request twenty scopes each every few minutes, while
//! federated tokens rotate, a certificate is renewed, IMDS is unavailable for an hour a day and Microsoft Entra
//! throttles.
//!
//! Every token's subject, audience and expiry are checked. Every request is counted and compared with the minimum: the
//! requests of a client that never fails and follows the same rules (ARCHITECTURE §4, cache). Such a client fetches a token
//! for each key whenever the previous one is due: that of a managed identity halfway through a lifetime of two hours or
//! more, any other one five minutes before it expires. A source that needs two requests for a token counts twice.

mod fault_schedule;
mod identities;

use crate::bindings::{ErrorKind, TokenRequest};
use crate::clock::Clock;
use crate::environment::TestEnvironment;
use crate::guest::{Guest, Start};
use anyhow::{Context, Result, ensure};
use azure_simulator::{Azure, Settings, jwt};
use fault_schedule::FaultSchedule;
use identities::{Identity, identities};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::ResourceAny;

/// The parameters of the soak test.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Its duration, in days.
    pub days: u64,
    /// The minutes between two rounds; in a round every identity requests every scope.
    pub minutes: u64,
    /// The lifetime of application tokens, in seconds.
    pub lifetime: u64,
}

/// The figures of the soak test.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Calls of `get-token`.
    pub calls: usize,
    /// Calls that returned no token, all of them during a fault.
    pub failed: usize,
    /// Requests that were sent, including failed ones.
    pub requests: usize,
    /// The minimum number of requests.
    pub minimum: usize,
    /// The instance's linear memory after two days, or after half of a shorter test, in bytes.
    pub memory_early: usize,
    /// The same at the end.
    pub memory: usize,
}

impl Outcome {
    /// Whether the requests are at most 2 % more than the minimum and the attempts of the calls that failed during faults.
    pub fn has_needed_requests(&self) -> bool {
        self.requests <= self.minimum + self.minimum / 50 + ATTEMPTS * self.failed
    }

    /// The ratio of requests to their minimum.
    pub fn ratio(&self) -> f64 {
        self.requests as f64 / self.minimum as f64
    }
}

/// Runs the test, on a paused clock of its own. `each_day` is called with the number of days and the figures so far.
///
/// # Errors
/// When a token has expired or belongs to another identity, when a call fails without a fault, and on a trap.
pub fn run(config: Config, start: Start, each_day: impl Fn(u64, &Outcome)) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async { Soak::start(config, start).await?.run(each_day).await })
}

struct Soak {
    config: Config,
    clock: Clock,
    fault_schedule: Arc<FaultSchedule>,
    guest: Guest,
    identities: Vec<(Identity, ResourceAny)>,
    /// When each key is due for a client that never fails, by identity and scope; after the scopes of an identity, its
    /// assertion.
    due: Vec<Duration>,
    outcome: Outcome,
}

impl Soak {
    async fn start(config: Config, start: Start) -> Result<Self> {
        let clock = Clock::simulated();
        let mut azure = Settings { resources: (0..SCOPES).map(resource).collect(), ..Settings::default() };
        azure.lifetimes.application = config.lifetime;
        azure.applications[0].certificates.push(identities::OTHER_CERTIFICATE.to_owned());
        let fault_schedule = Arc::new(FaultSchedule::new(clock.clone(), Azure::new(clock.clone(), azure)));
        let mut environment = TestEnvironment::new(clock.clone(), fault_schedule.clone());
        environment.env = identities::variables();
        let mut guest = start(environment).await?;
        identities::renew_files(&guest, &clock)?;
        let mut credentials = Vec::new();
        for identity in identities() {
            let credential = identity.via.create(&mut guest).await?.context("a credential is created")?;
            let credential =
                credential.map_err(|error| anyhow::anyhow!("{}: {}", identity.name, error.message))?;
            credentials.push((identity, credential));
        }
        let due = vec![Duration::ZERO; credentials.len() * (SCOPES + 1)];
        Ok(Self {
            config,
            clock,
            fault_schedule,
            guest,
            identities: credentials,
            due,
            outcome: Outcome::default(),
        })
    }

    async fn run(mut self, each_day: impl Fn(u64, &Outcome)) -> Result<Outcome> {
        let (round, day) = (Duration::from_secs(self.config.minutes * 60), Duration::from_secs(86_400));
        let early = day * u32::try_from(self.config.days.div_ceil(2).min(2))?;
        let end = day * u32::try_from(self.config.days)?;
        let (mut days, mut rounds) = (0, 0);
        while self.clock.elapsed() < end {
            let next = self.clock.elapsed() + round;
            identities::renew_files(&self.guest, &self.clock)?;
            for identity in 0..self.identities.len() {
                for scope in 0..SCOPES {
                    // The keys start in different rounds; otherwise all of them would be due in the same round.
                    if rounds >= (identity * SCOPES + scope) % STARTING_ROUNDS {
                        self.get_token(identity, scope).await?;
                    }
                }
            }
            rounds += 1;
            self.outcome.requests = self.fault_schedule.requests();
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

    async fn get_token(&mut self, identity: usize, scope: usize) -> Result<()> {
        self.count_minimum(identity, scope);
        let scopes = vec![format!("{}/.default", resource(scope))];
        let request =
            TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() };
        let (Identity { name, .. }, credential) = &self.identities[identity];
        let outcome = self.guest.get_token_of(*credential, &request).await.context("a trap")?;
        self.outcome.calls += 1;
        let now = self.clock.now();
        match outcome {
            Ok(token) => {
                let claims = jwt::claims(&token.token).context("the token is not a JWT")?;
                let exp = claims["exp"].as_u64().context("the token has no expiry")?;
                ensure!(exp > now && token.expires_on > now, "{name}: the token has expired");
                ensure!(
                    token.expires_on == exp,
                    "{name}: the token expires at {exp}, reported as {}",
                    token.expires_on
                );
                ensure!(
                    claims["aud"] == resource(scope).as_str(),
                    "{name}: the token is for {}",
                    claims["aud"]
                );
                let appid = &claims["appid"];
                ensure!(*appid == self.identities[identity].0.client_id, "{name}: the token is of {appid}");
            }
            Err(error) => {
                let is_expected =
                    error.kind != ErrorKind::AuthenticationFailed && self.fault_schedule.had_recent_fault();
                ensure!(is_expected, "{name} at {now}: {}", error.message);
                self.outcome.failed += 1;
            }
        }
        Ok(())
    }

    /// Counts the requests that a client that never fails would send now.
    fn count_minimum(&mut self, identity: usize, scope: usize) {
        let (now, index) = (self.clock.elapsed(), identity * (SCOPES + 1));
        if now < self.due[index + scope] {
            return;
        }
        let Identity { requests, lifetime, has_assertion_of_managed_identity, .. } =
            &self.identities[identity].0;
        self.outcome.minimum += requests;
        self.due[index + scope] = now
            + match lifetime {
                Some(lifetime) => due_in_of_managed_identity(*lifetime),
                None => due_in(self.config.lifetime),
            };
        if *has_assertion_of_managed_identity && now >= self.due[index + SCOPES] {
            self.outcome.minimum += 1;
            self.due[index + SCOPES] =
                now + due_in_of_managed_identity(identities::MANAGED_IDENTITY_LIFETIME);
        }
    }
}

/// After how long a token with that lifetime is due.
fn due_in(lifetime: u64) -> Duration {
    Duration::from_secs(lifetime - 299)
}

/// The same for a managed identity.
fn due_in_of_managed_identity(lifetime: u64) -> Duration {
    if lifetime >= 7200 { Duration::from_secs(lifetime / 2) } else { due_in(lifetime) }
}

fn resource(scope: usize) -> String {
    format!("https://service-{scope}.contoso.example")
}

/// The attempts of a call during a fault.
const ATTEMPTS: usize = 4;
/// The number of scopes of each identity.
pub const SCOPES: usize = 20;

/// The number of rounds until every key is in use.
const STARTING_ROUNDS: usize = 16;
