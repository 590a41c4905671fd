//! What the apps of a tenant may request.

use crate::types::{CredentialError, ErrorKind, TokenRequest};
use std::collections::BTreeSet;

/// What the apps of a tenant may request: scopes, tenants of Microsoft Entra, and continuous access evaluation.
///
/// A new policy allows nothing. A request that it does not allow is refused as `invalid-argument` before the cache is
/// looked at, and nothing is sent.
///
/// # Examples
/// ```
/// use azure_identity_wasmtime::Policy;
///
/// let policy = Policy::new().allow_scope("https://vault.azure.net/.default");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Policy {
    scopes: Allowed,
    tenants: Allowed,
    allows_cae: bool,
}

impl Policy {
    /// A policy that allows nothing.
    ///
    /// # Examples
    /// ```
    /// use azure_identity_wasmtime::Policy;
    ///
    /// assert_eq!(Policy::new(), Policy::default());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// A policy that allows every request: every token that the identity of the provider can get.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Policy, Provider};
    /// # fn run(provider: Provider) {
    /// let own_apps = provider.scoped(Policy::unrestricted()); // the embedder wrote the apps itself
    /// # }
    /// ```
    pub fn unrestricted() -> Self {
        Self { scopes: Allowed::Any, tenants: Allowed::Any, allows_cae: true }
    }

    /// Allows a scope, which is compared byte by byte. A request is allowed when all of its scopes are.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Policy;
    /// let policy = Policy::new()
    ///     .allow_scope("https://vault.azure.net/.default")
    ///     .allow_scope("https://storage.azure.com/.default");
    /// ```
    pub fn allow_scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.add(scope.into());
        self
    }

    /// Allows every scope.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Policy;
    /// let policy = Policy::new().allow_any_scope();
    /// ```
    pub fn allow_any_scope(mut self) -> Self {
        self.scopes = Allowed::Any;
        self
    }

    /// Allows a request to name this tenant of Microsoft Entra: an id or a domain name, in any case of its letters. A
    /// request that names none gets a token of the credential's own tenant, and needs no permission for it.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Policy;
    /// let policy = Policy::new()
    ///     .allow_scope("https://vault.azure.net/.default")
    ///     .allow_tenant("fabrikam.com");
    /// ```
    pub fn allow_tenant(mut self, tenant: impl AsRef<str>) -> Self {
        self.tenants.add(tenant.as_ref().to_ascii_lowercase());
        self
    }

    /// Allows a request to name every tenant of Microsoft Entra that the credential allows.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Policy;
    /// let policy = Policy::new().allow_scope("https://vault.azure.net/.default").allow_any_tenant();
    /// ```
    pub fn allow_any_tenant(mut self) -> Self {
        self.tenants = Allowed::Any;
        self
    }

    /// Allows tokens for continuous access evaluation (`enable-cae`). They live up to 28 hours, until a resource refuses
    /// them (Microsoft Learn, "Continuous access evaluation").
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Policy;
    /// let policy = Policy::new().allow_scope("https://graph.microsoft.com/.default").allow_cae();
    /// ```
    pub fn allow_cae(mut self) -> Self {
        self.allows_cae = true;
        self
    }

    /// Whether it allows continuous access evaluation.
    #[cfg(feature = "http-auth")]
    pub(crate) fn allows_cae(&self) -> bool {
        self.allows_cae
    }

    /// Checks a request whose blank options are unset.
    ///
    /// # Errors
    /// `invalid-argument`, with what the policy does not allow.
    pub(crate) fn check(&self, request: &TokenRequest) -> Result<(), CredentialError> {
        if let Some(scope) = request.scopes.iter().find(|scope| !self.scopes.contains(scope)) {
            return Err(refusal(format_args!("the scope {}", shown(scope)), "allow_scope"));
        }
        let tenant = request.tenant_id.as_deref().map(str::to_ascii_lowercase);
        if let Some(tenant) = tenant.filter(|tenant| !self.tenants.contains(tenant)) {
            return Err(refusal(format_args!("the tenant {}", shown(&tenant)), "allow_tenant"));
        }
        if request.enable_cae && !self.allows_cae {
            return Err(refusal(format_args!("continuous access evaluation"), "allow_cae"));
        }
        Ok(())
    }
}

/// The texts that a policy allows; none by default.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Allowed {
    Any,
    Listed(BTreeSet<String>),
}

impl Allowed {
    /// Adds a text. It changes nothing when every text is allowed.
    fn add(&mut self, text: String) {
        if let Self::Listed(texts) = self {
            texts.insert(text);
        }
    }

    fn contains(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(texts) => texts.contains(text),
        }
    }
}

impl Default for Allowed {
    fn default() -> Self {
        Self::Listed(BTreeSet::new())
    }
}

fn refusal(what: std::fmt::Arguments<'_>, method: &str) -> CredentialError {
    let message =
        format!("the policy of this app does not allow {what}; the embedder allows it by Policy::{method}");
    CredentialError::of_host(ErrorKind::InvalidArgument, message)
}

/// The text of an app for an error: escaped and shortened.
fn shown(text: &str) -> String {
    let shown: String = text.escape_debug().take(MAX_SHOWN).collect();
    format!("'{shown}'")
}

/// The number of characters of a scope or tenant that an error shows, at most.
const MAX_SHOWN: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    const VAULT: &str = "https://vault.azure.net/.default";

    fn vault() -> TokenRequest {
        TokenRequest::new(VAULT)
    }

    fn refused(policy: &Policy, request: &TokenRequest) -> String {
        let error = policy.check(request).expect_err("the policy refuses it");
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        error.message
    }

    #[test]
    fn a_new_policy_allows_nothing() {
        assert_eq!(
            refused(&Policy::new(), &vault()),
            "azure-identity-wasmtime: the policy of this app does not allow the scope \
             'https://vault.azure.net/.default'; the embedder allows it by Policy::allow_scope"
        );
    }

    #[test]
    fn all_scopes_of_a_request_must_be_allowed() {
        let policy = Policy::new().allow_scope(VAULT);
        assert_eq!(policy.check(&vault()), Ok(()));
        for other in ["https://vault.azure.net/.defaul", "HTTPS://vault.azure.net/.default", ""] {
            let both = TokenRequest { scopes: vec![VAULT.to_owned(), other.to_owned()], ..vault() };
            assert!(refused(&policy, &both).contains(&format!("the scope '{other}'")));
        }
    }

    #[test]
    fn a_named_tenant_must_be_allowed_in_any_case_and_the_credentials_own_is() {
        let policy = Policy::new().allow_scope(VAULT).allow_tenant("Contoso.com");
        let with = |tenant: &str| TokenRequest { tenant_id: Some(tenant.to_owned()), ..vault() };
        assert_eq!(policy.check(&with("contoso.COM")), Ok(()));
        assert!(refused(&policy, &with("fabrikam.com")).contains("the tenant 'fabrikam.com'"));
        assert_eq!(policy.clone().allow_any_tenant().check(&with("fabrikam.com")), Ok(()));
    }

    #[test]
    fn continuous_access_evaluation_must_be_allowed() {
        let policy = Policy::new().allow_scope(VAULT);
        let cae = TokenRequest { enable_cae: true, ..vault() };
        assert!(refused(&policy, &cae).contains("does not allow continuous access evaluation;"));
        assert_eq!(policy.allow_cae().check(&cae), Ok(()));
    }

    #[test]
    fn an_unrestricted_policy_allows_everything_and_a_listed_scope_does_not_narrow_it() {
        let all = TokenRequest {
            tenant_id: Some("fabrikam.com".to_owned()),
            enable_cae: true,
            ..TokenRequest::new("api://anything")
        };
        for policy in [Policy::unrestricted(), Policy::unrestricted().allow_scope(VAULT).allow_tenant("t")] {
            assert_eq!(policy.check(&all), Ok(()));
        }
    }

    #[test]
    fn an_error_shows_the_text_of_an_app_escaped_and_shortened() {
        let hostile = TokenRequest::new(format!("a\r\nforged: {}", "x".repeat(10_000)));
        let message = refused(&Policy::new(), &hostile);
        assert!(message.contains(r"'a\r\nforged: xxx") && message.len() < 500, "{message}");
    }
}
