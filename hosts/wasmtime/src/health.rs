//! The health of a provider: the last success and the last failure of each token and each source.

use crate::request::TokenKey;
use crate::shared_cache::Obtained;
use crate::types::{CredentialError, ErrorKind};
use std::collections::{BTreeMap, HashMap};

/// The health of a provider, e.g. for a readiness endpoint. Holds no secret.
///
/// It has the last 1,024 tokens that were requested, those that never succeeded being left out first.
///
/// # Examples
/// ```no_run
/// # fn run(provider: azure_identity_wasmtime::Provider) {
/// let health = provider.health();
/// for token in health.tokens.iter().filter(|token| token.is_failing()) {
///     let failure = token.last_failure.as_ref().map_or("", |failure| &failure.message);
///     println!("{:?}: {failure}", token.scopes);
/// }
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// The tokens, in the order of their scopes.
    pub tokens: Vec<TokenHealth>,
    /// The sources, in the order of their names.
    pub sources: Vec<SourceHealth>,
}

/// The health of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenHealth {
    /// Its scopes, sorted.
    pub scopes: Vec<String>,
    /// The tenant of Microsoft Entra that requests named; `None`: the credential's own.
    pub tenant_id: Option<String>,
    /// Whether it is for continuous access evaluation.
    pub enable_cae: bool,
    /// The last time that the provider returned it; `None`: it never did.
    pub last_success: Option<Success>,
    /// The last time that the provider failed to; `None`: it never did.
    pub last_failure: Option<Failure>,
}

/// The health of one source, e.g. `managed-identity/imds`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceHealth {
    /// The name of the source. For people; do not match on it.
    pub source: String,
    /// When it last returned a token, in seconds since the Unix epoch; `None`: it never did.
    pub last_success_on: Option<u64>,
    /// Its last failure; `None`: it had none. A member of a chain that is not configured fails as `not-configured`.
    pub last_failure: Option<Failure>,
}

/// A call that returned a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Success {
    /// When it returned, in seconds since the Unix epoch.
    pub succeeded_on: u64,
    /// The source of the token.
    pub source: String,
    /// When the token ends, in seconds since the Unix epoch.
    pub expires_on: u64,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// When it failed, in seconds since the Unix epoch.
    pub failed_on: u64,
    /// The kind of the failure.
    pub kind: ErrorKind,
    /// What failed, and what to do about it.
    pub message: String,
}

impl TokenHealth {
    /// Whether the last call failed. The cached token may be valid nevertheless, until `expires_on` of the last success.
    pub fn is_failing(&self) -> bool {
        let failed_on = self.last_failure.as_ref().map(|failure| failure.failed_on);
        failed_on > self.last_success.as_ref().map(|success| success.succeeded_on)
    }
}

/// Records how calls end.
#[derive(Default)]
pub(crate) struct HealthRecord {
    tokens: HashMap<TokenKey, Record>,
    sources: BTreeMap<String, Outcomes>,
    /// The number of calls that were recorded.
    calls: u64,
}

/// How the calls for a token ended.
#[derive(Default)]
struct Record {
    success: Option<Success>,
    failure: Option<Failure>,
    /// The value of [`HealthRecord::calls`] at the last one.
    last_call: u64,
}

/// How the attempts of a source ended.
#[derive(Default)]
struct Outcomes {
    success_on: Option<u64>,
    failure: Option<Failure>,
}

impl HealthRecord {
    /// Records the outcome of a call. `now` is in seconds since the Unix epoch.
    pub(crate) fn record(&mut self, key: &TokenKey, outcome: &Result<Obtained, CredentialError>, now: u64) {
        self.calls += 1;
        if !self.tokens.contains_key(key) && self.tokens.len() >= MAX_TOKENS {
            self.forget_one();
        }
        let record = self.tokens.entry(key.clone()).or_default();
        record.last_call = self.calls;
        match outcome {
            Ok(Obtained { token, failure: None, .. }) => {
                let (source, expires_on) = (token.source.clone(), token.expires_on);
                record.success = Some(Success { succeeded_on: now, source, expires_on });
                self.source(&token.source, |outcomes| outcomes.success_on = Some(now));
            }
            Err(error) | Ok(Obtained { failure: Some(error), .. }) => {
                let failure =
                    |kind, message: &str| Failure { failed_on: now, kind, message: message.to_owned() };
                record.failure = Some(failure(error.kind, &error.message));
                // The message of an error that is not a chain's begins with its source (see `azure_token_rules::error`).
                if let (true, Some((source, _))) = (error.attempts.is_empty(), error.message.split_once(": "))
                {
                    let failure = failure(error.kind, &error.message);
                    self.source(source, |outcomes| outcomes.failure = Some(failure));
                }
                for attempt in &error.attempts {
                    let failure = failure(attempt.kind, &attempt.message);
                    self.source(&attempt.source, |outcomes| outcomes.failure = Some(failure));
                }
            }
        }
    }

    /// A copy, sorted.
    pub(crate) fn health(&self) -> Health {
        let tokens = self.tokens.iter().map(|(key, record)| TokenHealth {
            scopes: key.scopes.clone(),
            tenant_id: key.tenant_id.clone(),
            enable_cae: key.enable_cae,
            last_success: record.success.clone(),
            last_failure: record.failure.clone(),
        });
        let mut tokens: Vec<_> = tokens.collect();
        tokens.sort_by(|a, b| {
            (&a.scopes, &a.tenant_id, a.enable_cae).cmp(&(&b.scopes, &b.tenant_id, b.enable_cae))
        });
        let sources = self.sources.iter().map(|(source, outcomes)| SourceHealth {
            source: source.clone(),
            last_success_on: outcomes.success_on,
            last_failure: outcomes.failure.clone(),
        });
        Health { tokens, sources: sources.collect() }
    }

    fn source(&mut self, source: &str, update: impl FnOnce(&mut Outcomes)) {
        if self.sources.len() < MAX_SOURCES || self.sources.contains_key(source) {
            update(self.sources.entry(source.to_owned()).or_default());
        }
    }

    /// Forgets a token that never succeeded, or else the one that was requested longest ago.
    fn forget_one(&mut self) {
        let first = self.tokens.iter().min_by_key(|(_, record)| (record.success.is_some(), record.last_call));
        if let Some(key) = first.map(|(key, _)| key.clone()) {
            self.tokens.remove(&key);
        }
    }
}

/// The number of tokens, at most.
const MAX_TOKENS: usize = 1024;
/// The number of sources, at most. The provider has about 20.
const MAX_SOURCES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{AccessToken, Attempt, TokenRequest};

    const NOW: u64 = 1_800_000_000;

    fn key(scope: &str) -> TokenKey {
        TokenKey::of(&TokenRequest::new(scope))
    }

    fn token() -> Result<Obtained, CredentialError> {
        Ok(Obtained::of_provider(AccessToken::test("s3cr3t", NOW + 3600, None), NOW))
    }

    fn failure() -> Result<Obtained, CredentialError> {
        let mut error = CredentialError::of_host(ErrorKind::Transient, "down");
        let (source, message) = ("environment".to_owned(), "environment: down".to_owned());
        error.attempts = vec![Attempt { source, kind: ErrorKind::Transient, message, response: None }];
        Err(error)
    }

    #[test]
    fn a_token_is_failing_from_its_failure_to_its_next_success() {
        let mut record = HealthRecord::default();
        let mut states = Vec::new();
        for (outcome, now) in [(token(), NOW), (failure(), NOW + 1), (token(), NOW + 2)] {
            record.record(&key("s"), &outcome, now);
            states.push(record.health().tokens[0].is_failing());
        }
        assert_eq!(states, [false, true, false]);
        let health = record.health();
        let token = &health.tokens[0];
        assert_eq!(
            (
                token.last_success.as_ref().map(|it| (it.succeeded_on, it.expires_on)),
                token.last_failure.as_ref().map(|it| it.failed_on)
            ),
            (Some((NOW + 2, NOW + 3600)), Some(NOW + 1))
        );
        let sources = health
            .sources
            .iter()
            .map(|it| (it.source.as_str(), it.last_success_on, it.last_failure.is_some()));
        let sources: Vec<_> = sources.collect();
        assert_eq!(sources, [("environment", None, true), ("test", Some(NOW + 2), false)]);
        assert!(!format!("{health:?}").contains("s3cr3t"));
    }

    #[test]
    fn the_record_is_bounded_and_tokens_that_never_succeeded_are_forgotten_first() {
        let mut record = HealthRecord::default();
        record.record(&key("good"), &token(), NOW);
        for number in 0..2 * MAX_TOKENS {
            record.record(&key(&format!("bad {number}")), &failure(), NOW);
        }
        let health = record.health();
        assert_eq!(health.tokens.len(), MAX_TOKENS);
        assert!(health.tokens.iter().any(|token| token.scopes == ["good"]));
        assert!(health.tokens.iter().all(|token| token.scopes != ["bad 0"]));
    }
}
