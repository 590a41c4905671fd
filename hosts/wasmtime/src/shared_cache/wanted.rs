//! What a request wants of the shared cache.

use crate::request::TokenKey;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use azure_token_cache::claims::ClaimsHash;
use azure_token_cache::entry_key::{EntryKey, Parts};
use azure_token_cache::key_ring::KeyRing;
use azure_token_cache::names;
use azure_token_cache::partition::Partition;
use std::sync::Arc;

/// What is known of a request beside the request itself.
#[derive(Debug, Default)]
pub(crate) struct Demand {
    /// The token that this host has for it, also if it was refused.
    pub(crate) held: Option<Arc<AccessToken>>,
    /// Whether it is a renewal for which no caller waits.
    pub(crate) is_background: bool,
    /// Whether the stored token is not to be used, because the embedder invalidated it.
    pub(crate) is_invalidated: bool,
    /// The error of a service that asked for a wait which is not over: no request is sent.
    pub(crate) throttled: Option<CredentialError>,
}

/// A request, as the shared cache sees it.
pub(crate) struct Wanted {
    pub(crate) key: EntryKey,
    /// The name of its record.
    pub(crate) record: String,
    /// The name of its lease.
    pub(crate) lease: String,
    pub(crate) claims: Option<ClaimsHash>,
    /// Whether the app asked for details.
    pub(crate) includes_details: bool,
    pub(crate) demand: Demand,
}

impl Wanted {
    /// `identity`: the settings that select the identity.
    pub(crate) fn new(
        request: &TokenRequest,
        demand: Demand,
        partition: &Partition,
        identity: &[(String, String)],
        keys: &KeyRing,
    ) -> Self {
        let key = TokenKey::of(request);
        // A record has the details in any case.
        let options: Vec<_> =
            request.options.iter().filter(|(name, _)| name != INCLUDE_DETAILS).cloned().collect();
        let includes_details =
            request.options.iter().any(|(name, value)| name == INCLUDE_DETAILS && value == "true");
        let (tenant_id, enable_cae) = (key.tenant_id.as_deref(), key.enable_cae);
        let key = EntryKey::new(Parts {
            partition,
            identity,
            scopes: &key.scopes,
            tenant_id,
            enable_cae,
            options: &options,
        });
        let claims = request.claims.as_deref().map(ClaimsHash::of);
        let (record, lease) = (names::record(keys, &key), names::lease(keys, &key, claims.as_ref()));
        Self { key, record, lease, claims, includes_details, demand }
    }

    /// The token that this host has, if it may still be returned: no resource refused it, and no embedder invalidated it.
    pub(crate) fn usable_held(&self) -> Option<Arc<AccessToken>> {
        self.demand.held.clone().filter(|_| self.claims.is_none() && !self.demand.is_invalidated)
    }

    /// The text of the token that this host has.
    pub(crate) fn held(&self) -> Option<&str> {
        self.demand.held.as_ref().map(|token| token.secret())
    }
}

/// The request that is passed to the provider: with the details, which say whose the token is.
pub(crate) fn with_details(request: &TokenRequest) -> TokenRequest {
    let mut request = request.clone();
    // A malformed value is left for the provider to refuse.
    match request.options.iter_mut().find(|(name, _)| name == INCLUDE_DETAILS) {
        Some((_, value)) if value == "false" => *value = "true".to_owned(),
        Some(_) => {}
        None => request.options.push((INCLUDE_DETAILS.to_owned(), "true".to_owned())),
    }
    request
}

const INCLUDE_DETAILS: &str = "include-details";
