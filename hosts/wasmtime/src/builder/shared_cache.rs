//! The cache that hosts share.

use super::ProviderBuilder;
use crate::error::LoadError;
use crate::shared::Caches;
use crate::shared_cache::SharedCache;
use azure_token_cache::identity::Identity;

impl ProviderBuilder {
    /// Shares tokens with other hosts, so that a fleet requests each token once. Its own cache stays in front of the shared one.
    ///
    /// A renewal is spread over up to two minutes, and a token of another host counts as ended ten minutes before its end, because
    /// clocks differ. Instances serve one call each, because tokens in their own caches would be older ones.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::{Provider, ProviderBuilder, SharedCache};
    /// # fn run(shared: SharedCache) -> ProviderBuilder {
    /// Provider::builder().env("AZURE_CLIENT_ID", "11111111-2222-3333-4444-555555555555").shared_cache(shared)
    /// # }
    /// ```
    pub fn shared_cache(mut self, shared: SharedCache) -> Self {
        self.shared_cache = Some(shared);
        self
    }

    /// The caches, with the identity that is declared.
    pub(super) fn caches(&mut self) -> Result<Caches, LoadError> {
        let capacity = self.cache_capacity;
        let Some(shared) = self.shared_cache.take() else { return Ok(Caches { capacity, shared: None }) };
        let refuse = |what: String| LoadError::Configuration { option: "shared_cache", what };
        if shared.deadline.is_zero() {
            return Err(refuse("its deadline must be greater than zero".to_owned()));
        }
        let client = self.environment.env.iter().find(|(name, _)| name == CLIENT_ID);
        let identity = match (&shared.identity, client) {
            (Some(identity), _) => identity.clone(),
            (None, Some((name, client))) => Identity::parse(client)
                .map_err(|error| refuse(format!("{name} names no identity: {error}")))?,
            (None, None) => {
                return Err(refuse(format!(
                    "whose tokens are shared is not known; set {CLIENT_ID}, or call `SharedCache::identity`"
                )));
            }
        };
        self.limits.reuses_instances = false;
        Ok(Caches { capacity, shared: Some((shared, identity)) })
    }
}

const CLIENT_ID: &str = "AZURE_CLIENT_ID";
