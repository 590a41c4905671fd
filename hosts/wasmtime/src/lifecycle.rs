//! What an embedder does with a provider besides requesting tokens: warming up, invalidating, health, shutting down.

use crate::health::Health;
use crate::provider::Provider;
use crate::request::TokenKey;
use crate::shared::{Phase, Shared};
use crate::types::{CredentialError, TokenRequest};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

impl Provider {
    /// Requests a token for each scope at once, so that the first apps find them in the cache. Returns the scopes whose token
    /// could not be had, with the reason.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(provider: azure_identity_wasmtime::Provider) {
    /// for (scope, error) in provider.warm_up(["https://vault.azure.net/.default"]).await {
    ///     eprintln!("{scope}: {error}");
    /// }
    /// # }
    /// ```
    #[must_use = "the scopes that failed are returned"]
    pub async fn warm_up<S: Into<String>>(
        &self,
        scopes: impl IntoIterator<Item = S>,
    ) -> Vec<(String, CredentialError)> {
        let mut calls = JoinSet::new();
        for scope in scopes {
            let (provider, scope) = (self.clone(), scope.into());
            calls.spawn(async move {
                let outcome = provider.get_token(TokenRequest::new(&scope)).await;
                outcome.err().map(|error| (scope, error))
            });
        }
        let mut failed: Vec<_> = calls.join_all().await.into_iter().flatten().collect();
        failed.sort_by(|(a, _), (b, _)| a.cmp(b));
        failed
    }

    /// Drops the cached token of a request, so that the next request calls the provider: after its permissions have changed,
    /// for example. Returns whether a token was cached.
    ///
    /// A call for the token that is in flight is completed, and its token is not cached. The instances are replaced, because each
    /// has a cache of its own; other tokens stay cached here. The token in a shared cache is not used either, and the next one replaces
    /// it; other hosts use theirs until they renew it.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Provider, TokenRequest};
    /// # fn run(provider: Provider) {
    /// provider.invalidate(&TokenRequest::new("https://vault.azure.net/.default"));
    /// # }
    /// ```
    pub fn invalidate(&self, request: &TokenRequest) -> bool {
        let shared = self.shared();
        let was_cached = shared.store().invalidate(&TokenKey::of(request));
        shared.pool.replace_instances();
        was_cached
    }

    /// The last success and the last failure of each token and each source.
    ///
    /// # Examples
    /// ```no_run
    /// # fn run(provider: azure_identity_wasmtime::Provider) {
    /// let is_ready = !provider.health().tokens.iter().any(|token| token.is_failing());
    /// # }
    /// ```
    pub fn health(&self) -> Health {
        self.shared().health_record().health()
    }

    /// Shuts the provider down: from now on every request is refused as `transient`, calls in flight have time to end, and
    /// then they are cancelled, the instances are dropped, and the cached tokens are overwritten. Returns the number of calls
    /// that were cancelled.
    ///
    /// # Examples
    /// ```no_run
    /// # use std::time::Duration;
    /// # async fn run(provider: azure_identity_wasmtime::Provider) {
    /// let cancelled = provider.shutdown(Duration::from_secs(10)).await;
    /// # }
    /// ```
    pub async fn shutdown(&self, within: Duration) -> usize {
        let shared = self.shared();
        shared.phase.send_replace(Phase::Draining);
        let _ = timeout(within, shared.until_idle()).await;
        let cancelled = shared.store().counts().1;
        shared.phase.send_replace(Phase::Closed);
        shared.until_idle().await;
        shared.pool.replace_instances();
        shared.store().clear();
        tracing::info!(cancelled, "the provider is shut down");
        cancelled
    }
}

impl Shared {
    /// Waits until no call is in flight.
    async fn until_idle(&self) {
        let mut ended = std::pin::pin!(self.ended.notified());
        loop {
            // Before the calls are counted, or the end of the last one could be missed.
            ended.as_mut().enable();
            if self.store().counts().1 == 0 {
                return;
            }
            ended.as_mut().await;
            ended.set(self.ended.notified());
        }
    }
}
