//! Tokens of records, and records of tokens.

use super::jitter::Jitter;
use crate::types::{AccessToken, CredentialError};
use azure_token_cache::claims::ClaimsHash;
use azure_token_cache::record::Record;
use azure_token_cache::renewal;
use azure_token_cache::use_of_record;
use azure_token_rules::freshness::Lifetime;
use std::sync::Arc;

/// A token for an app, and what this host's cache has to know of it.
#[derive(Clone, Debug)]
pub(crate) struct Obtained {
    pub(crate) token: Arc<AccessToken>,
    /// When this host renews it.
    pub(crate) lifetime: Lifetime,
    /// Why there is no newer one; `None`: this is the newest.
    pub(crate) failure: Option<CredentialError>,
}

impl Obtained {
    /// A token of the provider, without a shared cache. Received at `now`, in seconds since the Unix epoch.
    pub(crate) fn of_provider(token: AccessToken, now: u64) -> Self {
        let lifetime = Lifetime::received(token.expires_on, token.refresh_on, now);
        Self { token: Arc::new(token), lifetime, failure: None }
    }

    /// A token that the provider returned now, for a cache that is shared: its renewal is spread.
    pub(super) fn shared(token: AccessToken, now: u64, jitter: &Jitter) -> Self {
        let due_on = renewal::due_on(token.refresh_on, now, token.expires_on);
        let lifetime =
            Lifetime::received(token.expires_on, Some(spread(due_on, token.expires_on, jitter)), now);
        Self { token: Arc::new(token), lifetime, failure: None }
    }

    /// The token of a record, whose host may have another clock.
    pub(super) fn of_record(record: &Record, includes_details: bool, now: u64, jitter: &Jitter) -> Self {
        let lifetime = use_of_record::lifetime(record);
        let due_on = renewal::due_on(record.refresh_on, record.issued_on, record.expires_on);
        let due_on = spread(due_on, lifetime.expires_on(), jitter);
        let lifetime = Lifetime::received(lifetime.expires_on(), Some(due_on), now);
        Self { token: Arc::new(token(record, includes_details)), lifetime, failure: None }
    }

    /// The token that this host has, while another host renews it.
    pub(super) fn held(token: Arc<AccessToken>, now: u64) -> Self {
        let mut lifetime = Lifetime::new(token.expires_on, token.refresh_on);
        lifetime.renewal_failed(now);
        Self { token, lifetime, failure: None }
    }

    /// The token of a record in the place of a newer one, which could not be had. It is used until its end, and the next
    /// attempt is made after a while.
    pub(super) fn kept(
        record: &Record,
        includes_details: bool,
        failure: Option<CredentialError>,
        now: u64,
    ) -> Self {
        let mut lifetime = Lifetime::new(record.expires_on, record.refresh_on);
        lifetime.renewal_failed(now);
        Self { token: Arc::new(token(record, includes_details)), lifetime, failure }
    }
}

/// The record of a token that was received at `now`.
pub(super) fn record(token: &AccessToken, satisfied: Option<ClaimsHash>, now: u64) -> Record {
    Record {
        token: token.secret().to_owned(),
        token_type: token.token_type.clone(),
        expires_on: token.expires_on,
        refresh_on: token.refresh_on,
        source: token.source.clone(),
        details: token.details.iter().filter(|(name, _)| name != FROM_CACHE).cloned().collect(),
        issued_on: now,
        satisfied,
    }
}

/// The token for the app: with details if the app asked for them.
pub(super) fn without_details(mut token: AccessToken, includes_details: bool) -> AccessToken {
    if !includes_details {
        token.details.clear();
    }
    token
}

fn token(record: &Record, includes_details: bool) -> AccessToken {
    let mut details = Vec::new();
    if includes_details {
        details.clone_from(&record.details);
        details.push((FROM_CACHE.to_owned(), "true".to_owned()));
    }
    AccessToken::new(
        record.token.clone(),
        record.token_type.clone(),
        (record.expires_on, record.refresh_on),
        record.source.clone(),
        details,
    )
}

fn spread(due_on: u64, expires_on: u64, jitter: &Jitter) -> u64 {
    due_on.saturating_add(renewal::delay(due_on, expires_on, jitter.next()))
}

/// The detail that says whether the provider already had the token.
const FROM_CACHE: &str = "from-cache";
