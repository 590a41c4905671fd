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
pub struct TenantKey {
    name: Arc<str>,
    origin: KeyOrigin,
}

/// Where a key comes from. Keys of different origins are different, also with the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum KeyOrigin {
    Named,
    Linker,
    #[cfg(feature = "http-auth")]
    HttpAuth,
    Unnamed,
    Embedder,
}

impl TenantKey {
    /// The tenant with this name. Equal names are one tenant.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self { name: Arc::from(name.as_ref()), origin: KeyOrigin::Named }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// A tenant that is equal to no other, for a linker whose apps have none.
    pub(crate) fn of_linker() -> Self {
        static LINKERS: AtomicU64 = AtomicU64::new(1);
        let name = format!("linker-{}", LINKERS.fetch_add(1, Ordering::Relaxed));
        Self { origin: KeyOrigin::Linker, ..Self::new(name) }
    }

    /// A tenant that is equal to no other, for rules of http-auth whose apps have none.
    #[cfg(feature = "http-auth")]
    pub(crate) fn of_http_auth() -> Self {
        static RULES: AtomicU64 = AtomicU64::new(1);
        let name = format!("http-auth-{}", RULES.fetch_add(1, Ordering::Relaxed));
        Self { origin: KeyOrigin::HttpAuth, ..Self::new(name) }
    }

    /// The tenant of the embedder's calls with a policy and without a tenant.
    pub(crate) fn unnamed() -> Self {
        Self { origin: KeyOrigin::Unnamed, ..Self::new("unnamed") }
    }

    /// The embedder itself, which no rate limits.
    pub(crate) fn of_embedder() -> Self {
        Self { origin: KeyOrigin::Embedder, ..Self::new("embedder") }
    }

    pub(crate) fn is_embedder(&self) -> bool {
        self.origin == KeyOrigin::Embedder
    }
}

impl fmt::Display for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_makes_a_tenant_the_embedder_or_a_linker() {
        for key in [TenantKey::of_embedder(), TenantKey::unnamed(), TenantKey::of_linker()] {
            assert_ne!(TenantKey::new(key.as_str()), key);
        }
        assert!(!TenantKey::new("embedder").is_embedder() && TenantKey::of_embedder().is_embedder());
        assert_ne!(TenantKey::of_linker(), TenantKey::of_linker());
    }
}
