//! What the logins of developer tools (shared token cache, Azure CLI, Azure Developer CLI) have in common.

use crate::call_context::CallContext;
use crate::entra;
use crate::error::Error;
use crate::host::Host;
use crate::prelude::*;
use crate::token::AccessToken;

/// The tenants that requests may name besides the login's own: those of the caller and of
/// `AZURE_ADDITIONALLY_ALLOWED_TENANTS`. All tenants, if the caller has named neither them nor a tenant of
/// the credential (azure-identity for Python, `resolve_tenant`; azidentity for Go, `AzureCLICredential`): the
/// tenant of a login is the one that the user signed in to last, and limits nothing.
pub fn allowed_tenants(host: &dyn Host, own: &[String], names_tenant: bool) -> Vec<String> {
    let mut allowed = entra::allowed_tenants_of_environment(host);
    allowed.extend_from_slice(own);
    if allowed.is_empty() && !names_tenant {
        allowed.push("*".to_owned());
    }
    allowed
}

/// The authority of a cloud by the name that the Azure CLI and the Azure Developer CLI have for it; `None`:
/// they have no such cloud.
pub fn authority_of_cloud(name: &str) -> Option<&'static str> {
    match name {
        "AzureCloud" => Some(entra::PUBLIC_CLOUD),
        "AzureChinaCloud" => Some("https://login.chinacloudapi.cn"),
        "AzureUSGovernment" => Some("https://login.microsoftonline.us"),
        _ => None,
    }
}

/// A token that a tool has cached, and what a new one may cost.
pub enum CachedToken<'a> {
    /// The token is returned.
    Fresh(AccessToken),
    /// Its `refresh_on` has passed, or there is none: a new one is requested, with this call.
    Due(Option<AccessToken>, CallContext<'a>),
}

impl<'a> CachedToken<'a> {
    /// The token in a tool's cache, as MSAL uses it: past `refresh_on` one short attempt renews it.
    pub fn new(token: Option<AccessToken>, call: &CallContext<'a>) -> Self {
        let is_due = |token: &AccessToken| token.refresh_on.is_some_and(|due| due <= call.host.now());
        match token {
            Some(token) if !is_due(&token) => Self::Fresh(token),
            Some(token) => Self::Due(Some(token), call.renewing()),
            None => Self::Due(None, *call),
        }
    }
}

/// The new token; if there is none, the cached one, which is still valid.
///
/// # Errors
/// That of the renewal, when there is no cached token.
pub fn renewed(new: Result<AccessToken, Error>, cached: Option<AccessToken>) -> Result<AccessToken, Error> {
    match (new, cached) {
        (Err(_), Some(cached)) => Ok(cached),
        (new, _) => new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::FakeHost;

    #[test]
    fn all_tenants_are_allowed_to_a_login_unless_the_caller_or_the_environment_names_some() {
        let own = &["a".to_owned()][..];
        for (variable, own, names_tenant, expected) in [
            ("", &[][..], false, vec!["*"]),
            ("", &[][..], true, vec![]),
            ("", own, false, vec!["a"]),
            ("b;c", &[][..], false, vec!["b", "c"]),
            ("b", own, true, vec!["b", "a"]),
        ] {
            let host = FakeHost::new().env("AZURE_ADDITIONALLY_ALLOWED_TENANTS", variable);
            assert_eq!(allowed_tenants(&host, own, names_tenant), expected, "{variable:?} {own:?}");
        }
    }
}
