//! The tenants of an embedder: the parties that share its provider, and that must not starve each other.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A tenant of the embedder: the party that an app runs for. The limits of calls and of the cache hold for each tenant.
///
/// It is not a tenant of Microsoft Entra, which a [`TokenRequest`](crate::TokenRequest) names. The key is shown in traces.
///
/// # Examples
/// ```
/// use azure_identity_wasmtime::TenantKey;
///
/// let key = TenantKey::new("customer-17");
/// assert_eq!(key.as_str(), "customer-17");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantKey(Arc<str>);

impl TenantKey {
    /// The tenant with this name. Equal names are one tenant.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(Arc::from(name.as_ref()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A tenant that is equal to no other, for a linker whose apps have none.
    pub(crate) fn of_linker() -> Self {
        static LINKERS: AtomicU64 = AtomicU64::new(1);
        Self::new(format!("linker-{}", LINKERS.fetch_add(1, Ordering::Relaxed)))
    }

    /// A tenant that is equal to no other, for rules of http-auth whose apps have none.
    #[cfg(feature = "http-auth")]
    pub(crate) fn of_http_auth() -> Self {
        static RULES: AtomicU64 = AtomicU64::new(1);
        Self::new(format!("http-auth-{}", RULES.fetch_add(1, Ordering::Relaxed)))
    }

    /// The embedder itself.
    pub(crate) fn of_embedder() -> Self {
        Self::new("embedder")
    }
}

impl fmt::Display for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
