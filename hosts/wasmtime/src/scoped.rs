//! The provider as the apps of one tenant have it.

use crate::policy::Policy;
use crate::provider::Provider;
use crate::tenant::TenantKey;
use crate::types::{AccessToken, CredentialError, TokenRequest};
use std::sync::Arc;

/// A provider as apps have it: with the policy of what they may request, and the tenant that they run for.
///
/// It is made by [`Provider::scoped`]. Clones are the same provider, policy and tenant.
#[derive(Clone, Debug)]
pub struct ScopedProvider {
    provider: Provider,
    policy: Arc<Policy>,
    /// `None`: each linker is a tenant of its own.
    tenant: Option<TenantKey>,
}

impl Provider {
    /// The provider for apps that may request what `policy` allows.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Policy, Provider};
    /// # use wasmtime::component::Linker;
    /// # fn run(provider: Provider, linker: &mut Linker<()>) -> wasmtime::Result<()> {
    /// let vault_alone = provider.scoped(Policy::new().allow_scope("https://vault.azure.net/.default"));
    /// vault_alone.add_to_linker(linker)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn scoped(&self, policy: Policy) -> ScopedProvider {
        ScopedProvider { provider: self.clone(), policy: Arc::new(policy), tenant: None }
    }
}

impl ScopedProvider {
    /// The same provider and policy for the apps of this tenant.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{ScopedProvider, TenantKey};
    /// # fn run(scoped: ScopedProvider) {
    /// let contoso = scoped.for_tenant(TenantKey::new("contoso"));
    /// # }
    /// ```
    #[must_use]
    pub fn for_tenant(&self, tenant: TenantKey) -> Self {
        Self { tenant: Some(tenant), ..self.clone() }
    }

    /// The same provider, for a tenant of `make` if it is for none.
    pub(crate) fn or_for_tenant(&self, make: impl FnOnce() -> TenantKey) -> Self {
        if self.tenant.is_some() { self.clone() } else { self.for_tenant(make()) }
    }

    /// The provider without its policy.
    #[cfg(feature = "http-auth")]
    pub(crate) fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Whether the policy allows continuous access evaluation.
    #[cfg(feature = "http-auth")]
    pub(crate) fn allows_cae(&self) -> bool {
        self.policy.allows_cae()
    }

    /// Returns a token that the policy allows, as [`Provider::get_token`] does.
    ///
    /// # Errors
    /// As [`Provider::get_token`], and `invalid-argument` when the policy does not allow the request.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{ScopedProvider, TokenRequest};
    /// # async fn run(scoped: ScopedProvider) -> Result<(), Box<dyn std::error::Error>> {
    /// let token = scoped.get_token(TokenRequest::new("https://vault.azure.net/.default")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_token(&self, request: TokenRequest) -> Result<Arc<AccessToken>, CredentialError> {
        let tenant = self.tenant.clone().unwrap_or_else(TenantKey::unnamed);
        self.provider.get_token_of(request, &tenant, Some(&self.policy)).await
    }
}
