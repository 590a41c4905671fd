//! The path of a request through the shared cache.

use super::guarded::{GuardedStore, Unavailable};
use super::jitter::Jitter;
use super::lease::{Attempt, Lease};
use super::obtained::{Obtained, record, without_details};
use super::settings::SharedCache;
use super::store::{EntryKind, Version};
use super::wait::Wait;
use super::wanted::{Demand, Wanted};
use crate::metrics::Counters;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use crate::warnings::Warnings;
use azure_token_cache::identity::Identity;
use azure_token_cache::key_ring::KeyRing;
use azure_token_cache::partition::Partition;
use azure_token_cache::record::Record;
use azure_token_cache::use_of_record::Use;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The provider, to which a request goes if the shared cache does not answer it.
pub(crate) trait Upstream: Send {
    /// Requests a token. `None`: all callers are gone, and no request was sent.
    fn call(&mut self) -> impl Future<Output = Option<Result<AccessToken, CredentialError>>> + Send;

    /// Gives the place in the provider's queue to others, while this request waits for another host.
    fn give_way(&mut self);

    /// The current time, in seconds since the Unix epoch.
    fn now(&self) -> u64;
}

/// The shared cache of one provider.
pub(crate) struct SecondLevel {
    store: GuardedStore,
    partition: Partition,
    keys: KeyRing,
    identity: Identity,
    /// The settings of the provider that select its identity.
    settings: Vec<(String, String)>,
    /// Whether the last token was another one's than the declared identity's.
    is_not_shared: AtomicBool,
    counters: Arc<Counters>,
    jitter: Jitter,
}

type Outcome = Option<Result<Obtained, CredentialError>>;

impl SecondLevel {
    /// `settings`: the variables of the provider that select its identity.
    pub(crate) fn new(
        shared: SharedCache,
        identity: Identity,
        settings: Vec<(String, String)>,
        warnings: Arc<Warnings>,
        counters: Arc<Counters>,
    ) -> Self {
        let SharedCache { store, partition, keys, deadline, jitter, .. } = shared;
        let store = GuardedStore::new(store, deadline, warnings, Arc::clone(&counters));
        Self {
            store,
            partition,
            keys,
            identity,
            settings,
            is_not_shared: AtomicBool::new(false),
            counters,
            jitter,
        }
    }

    /// What a request wants of this cache.
    pub(crate) fn wanted(&self, request: &TokenRequest, demand: Demand) -> Wanted {
        Wanted::new(request, demand, &self.partition, &self.settings, &self.keys)
    }

    /// Returns a stored token; or takes the lease, requests one and stores it; or waits for the host that has the lease.
    pub(crate) async fn get_token(&self, wanted: &Wanted, mut upstream: impl Upstream) -> Outcome {
        if self.is_not_shared.load(Ordering::Relaxed) {
            return self.call_alone(wanted, &mut upstream, None).await;
        }
        let mut search = Search { level: self, wanted, ignored: None, unusable: None };
        let mut wait = Wait::begin();
        loop {
            let (ending, version) = match search.find(upstream.now()).await {
                Ok(Found::Token(obtained)) => return Some(Ok(obtained)),
                Ok(Found::Nothing { ending, version }) => (ending, version),
                Err(Unavailable) => return self.call_alone(wanted, &mut upstream, None).await,
            };
            if wanted.demand.throttled.is_some() {
                return self.call_alone(wanted, &mut upstream, ending).await;
            }
            match Lease::take(&self.store, &wanted.lease).await {
                Ok(Attempt::Taken(lease)) => {
                    return self.call_with(lease, search, &mut upstream).await;
                }
                // The other host renews it, and this one looks again after a while.
                Ok(Attempt::Held | Attempt::Failed) if wanted.demand.is_background => {
                    let held = wanted.demand.held.clone()?;
                    return Some(Ok(Obtained::held(held, upstream.now())));
                }
                Ok(Attempt::Held) if !wait.is_over() => {
                    upstream.give_way();
                    wait.pause(&self.jitter).await;
                }
                Ok(Attempt::Held | Attempt::Failed) => {
                    let call = Call { ending, version };
                    return self.call_and_store(call, wanted, &mut upstream).await;
                }
                Err(Unavailable) => return self.call_alone(wanted, &mut upstream, ending).await,
            }
        }
    }

    /// Requests a token as the host that has the lease.
    async fn call_with(
        &self,
        mut lease: Lease<'_>,
        mut search: Search<'_>,
        upstream: &mut impl Upstream,
    ) -> Outcome {
        // The host that had the lease before may have stored one since this host looked.
        let call = match search.find(upstream.now()).await {
            Ok(Found::Token(obtained)) => {
                lease.release().await;
                return Some(Ok(obtained));
            }
            Ok(Found::Nothing { ending, version }) => Call { ending, version },
            Err(Unavailable) => return self.call_alone(search.wanted, upstream, None).await,
        };
        let outcome = lease.keep_during(self.call_and_store(call, search.wanted, upstream)).await;
        match &outcome {
            Some(Ok(Obtained { failure: None, .. })) | None => lease.release().await,
            Some(_) => lease.fail().await,
        }
        outcome
    }

    /// Requests a token, and stores it.
    async fn call_and_store(&self, call: Call, wanted: &Wanted, upstream: &mut impl Upstream) -> Outcome {
        let token = match upstream.call().await? {
            Ok(token) => token,
            Err(error) => return Some(or_kept(error, call.ending, wanted, upstream.now())),
        };
        self.counters.shared_misses.up();
        let now = upstream.now();
        if let Some(newer) = self.store(&token, call.version, wanted, now).await {
            return Some(Ok(newer));
        }
        Some(Ok(Obtained::shared(without_details(token, wanted.includes_details), now, &self.jitter)))
    }

    /// Requests a token without the store.
    async fn call_alone(
        &self,
        wanted: &Wanted,
        upstream: &mut impl Upstream,
        ending: Option<Record>,
    ) -> Outcome {
        if let Some(error) = &wanted.demand.throttled {
            self.counters.throttled.up();
            return Some(or_kept(error.clone(), ending, wanted, upstream.now()));
        }
        Some(match upstream.call().await? {
            Ok(token) => {
                self.may_share(&token);
                Ok(Obtained::shared(
                    without_details(token, wanted.includes_details),
                    upstream.now(),
                    &self.jitter,
                ))
            }
            Err(error) => or_kept(error, ending, wanted, upstream.now()),
        })
    }

    /// Whether a token is that of the declared identity. Once one is not, requests wait for no lease until one is again.
    fn may_share(&self, token: &AccessToken) -> bool {
        let checked = self.identity.check(&token.details);
        if let Err(why) = &checked {
            self.store.warn(why, "a token is not shared; name its identity with `SharedCache::identity`");
        }
        self.is_not_shared.store(checked.is_err(), Ordering::Relaxed);
        checked.is_ok()
    }

    /// Stores a token over the record of a version. Returns the token of another host that is to be used instead: it was stored
    /// while this one was requested, and may have satisfied a challenge that this one does not.
    async fn store(
        &self,
        token: &AccessToken,
        mut version: Option<Version>,
        wanted: &Wanted,
        now: u64,
    ) -> Option<Obtained> {
        if !self.may_share(token) {
            return None;
        }
        let record = record(token, wanted.claims, now);
        let expires_in = Duration::from_secs(token.expires_on.checked_sub(now).filter(|left| *left > 0)?);
        for _ in 0..MAX_WRITES {
            let sealed = match record.seal(&self.keys, &wanted.key, &rand::random()) {
                Ok(sealed) => sealed,
                Err(why) => {
                    self.store.warn(&why, "a token is not shared");
                    return None;
                }
            };
            let written =
                self.store.put(EntryKind::Token, &wanted.record, &sealed, version.as_ref(), expires_in);
            if written.await.ok()?.is_some() {
                return None;
            }
            let mut search = Search { level: self, wanted, ignored: None, unusable: None };
            match search.find(now).await.ok()? {
                // The token that satisfies a challenge replaces any other.
                Found::Token(other) if wanted.claims.is_none() => return Some(other),
                Found::Token(_) => return None,
                Found::Nothing { version: other, .. } => version = other,
            }
        }
        None
    }
}

/// A request that is sent, and what the store had before it.
struct Call {
    /// A token to return if the request fails.
    ending: Option<Record>,
    version: Option<Version>,
}

/// What the store has for a request.
enum Found {
    /// A token to return.
    Token(Obtained),
    /// No token to return now.
    Nothing {
        /// A token to return if the request fails.
        ending: Option<Record>,
        version: Option<Version>,
    },
}

/// The search for a record.
struct Search<'a> {
    level: &'a SecondLevel,
    wanted: &'a Wanted,
    /// The version of the record that the embedder invalidated.
    ignored: Option<Version>,
    /// The version of a record that does not open, of which there was a warning.
    unusable: Option<Version>,
}

impl Search<'_> {
    async fn find(&mut self, now: u64) -> Result<Found, Unavailable> {
        let (level, wanted) = (self.level, self.wanted);
        let Some(entry) = level.store.get(EntryKind::Token, &wanted.record).await? else {
            return Ok(Found::Nothing { ending: None, version: None });
        };
        let version = Some(entry.version);
        if wanted.demand.is_invalidated && self.ignored.is_none() {
            self.ignored.clone_from(&version);
        }
        if self.ignored.is_some() && self.ignored == version {
            return Ok(Found::Nothing { ending: None, version });
        }
        let record = Record::open(&entry.value, &level.keys, &wanted.key);
        let record = record.inspect_err(|why| {
            // The search is repeated once this host has the lease.
            if self.unusable.as_ref() != version.as_ref() {
                level.store.warn(why, "an entry of the shared cache is not used");
                self.unusable.clone_from(&version);
            }
        });
        let is_newer = |record: &Record| wanted.held() != Some(record.token.as_str());
        let ending = match Use::of(record.ok(), wanted.claims.as_ref(), wanted.held(), now) {
            Use::Return(record) if is_newer(&record) => return Ok(self.hit(&record, now)),
            // The caller gets the old one, and this host renews it in the background after a while.
            Use::Renew(record) if !wanted.demand.is_background || is_newer(&record) => {
                return Ok(self.hit(&record, now));
            }
            Use::Return(record) | Use::Renew(record) => Some(record),
            Use::Request(record) => record,
        };
        Ok(Found::Nothing { ending, version })
    }

    fn hit(&self, record: &Record, now: u64) -> Found {
        self.level.counters.shared_hits.up();
        Found::Token(Obtained::of_record(record, self.wanted.includes_details, now, &self.level.jitter))
    }
}

/// The token of the store or of this host that has not ended, or the error.
fn or_kept(
    error: CredentialError,
    ending: Option<Record>,
    wanted: &Wanted,
    now: u64,
) -> Result<Obtained, CredentialError> {
    if let Some(record) = ending.filter(|record| record.expires_on > now) {
        return Ok(Obtained::kept(&record, wanted.includes_details, Some(error), now));
    }
    // The token of another host counts as ended early, but the store may have lost it since.
    match wanted.usable_held().filter(|token| token.expires_on > now) {
        Some(token) => Ok(Obtained { failure: Some(error), ..Obtained::held(token, now) }),
        None => Err(error),
    }
}

/// How often a token is written that meets the writes of other hosts.
const MAX_WRITES: usize = 3;

#[cfg(test)]
mod tests;
