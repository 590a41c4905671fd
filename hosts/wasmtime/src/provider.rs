//! The provider, as the embedder uses it.

use crate::environment::Environment;
use crate::error::LoadError;
use crate::load::Program;
use crate::metrics::Metrics;
use crate::policy::Policy;
use crate::pool::PoolLimits;
use crate::request::checked;
use crate::shared::{Caches, Shared};
use crate::telemetry::Telemetry;
use crate::tenant::TenantKey;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use std::fmt;
use std::sync::Arc;

/// A provider that outlives the apps it serves. Clones are the same provider.
///
/// It is made by [`Provider::builder`]. Apps get it by [`Provider::scoped`].
#[derive(Clone)]
pub struct Provider(Arc<Shared>);

impl Provider {
    /// Returns a token for the embedder itself, without a policy: the cached one until its renewal is due; then the cached
    /// one, while a new one is fetched in the background; in its last five minutes a new one, and the old one until it ends
    /// if none can be had.
    ///
    /// Concurrent requests for the same token share one call of the provider. A request with claims is not answered from
    /// the cache. Must be called in a tokio runtime, unless the token is cached.
    ///
    /// # Errors
    /// The provider's error. `invalid-argument` also when the request is too large, `transient` also when no instance
    /// was idle or the call took too long, `other` also when the instance trapped or there is no tokio runtime.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Provider, TokenRequest};
    /// # async fn run(provider: Provider) -> Result<(), Box<dyn std::error::Error>> {
    /// let token = provider.get_token(TokenRequest::new("https://vault.azure.net/.default")).await?;
    /// let header = format!("Bearer {}", token.secret());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_token(&self, request: TokenRequest) -> Result<Arc<AccessToken>, CredentialError> {
        self.get_token_of(request, &TenantKey::of_embedder(), None).await
    }

    /// The counters of the provider.
    ///
    /// # Examples
    /// ```no_run
    /// # fn run(provider: azure_identity_wasmtime::Provider) {
    /// let metrics = provider.metrics();
    /// println!("{} of {} from the cache", metrics.hits, metrics.hits + metrics.misses + metrics.merged);
    /// # }
    /// ```
    pub fn metrics(&self) -> Metrics {
        self.0.metrics()
    }

    /// The variables that name servers which return tokens, for the refusals of http-auth.
    #[cfg(feature = "http-auth")]
    pub(crate) fn token_servers(&self) -> &[(String, String)] {
        &self.0.token_servers
    }

    /// What the clones share.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// Returns a token for an app of a tenant. `policy`: what the app may request; `None`: everything.
    pub(crate) async fn get_token_of(
        &self,
        request: TokenRequest,
        tenant: &TenantKey,
        policy: Option<&Policy>,
    ) -> Result<Arc<AccessToken>, CredentialError> {
        let request = checked(request)?;
        if let Some(refusal) = policy.and_then(|policy| policy.check(&request).err()) {
            self.0.refused(tenant, &refusal);
            return Err(refusal);
        }
        Shared::get_token(&self.0, request, tenant).await
    }

    pub(crate) async fn start(
        program: Program,
        environment: Environment,
        limits: PoolLimits,
        caches: Caches,
        telemetry: Telemetry,
    ) -> Result<Self, LoadError> {
        Ok(Self(Arc::new(Shared::start(program, environment, limits, caches, telemetry).await?)))
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("metrics", &self.metrics()).finish_non_exhaustive()
    }
}
