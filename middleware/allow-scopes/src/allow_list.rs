//! The list of allowed scopes and tenants, and the decision on a request.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use azure_middleware_bindings::TokenRequest;
use azure_token_rules::request::{is_scope, is_tenant};

/// The scopes and tenants that a request may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowList {
    scopes: Vec<String>,
    tenants: Vec<String>,
}

impl AllowList {
    /// Reads the list from the environment; `variable` returns the value of a variable that is set and not blank.
    ///
    /// # Errors
    /// The reason why every request is refused: no scope is listed, or an entry is malformed.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let Some(scopes) = variable(SCOPES) else {
            return Err(format!(
                "{SCOPES} is not set, so every request is refused; list the scopes that the app may request there, \
                 with blanks between them, e.g. {SCOPES}=https://vault.azure.net/.default"
            ));
        };
        Ok(Self {
            scopes: entries(SCOPES, &scopes, is_scope)?,
            tenants: entries(TENANTS, &variable(TENANTS).unwrap_or_default(), is_tenant)?,
        })
    }

    /// Returns the request to pass on, in which a blank tenant is none: what is decided on is what is sent.
    ///
    /// Scopes are compared exactly: they are case-sensitive (RFC 6749, section 3.3), and `https://r//.default` names
    /// another resource than `https://r/.default`. Tenants are ids and domain names, whose case does not matter.
    ///
    /// # Errors
    /// The reason why the request is refused.
    pub fn check(&self, mut request: TokenRequest) -> Result<TokenRequest, String> {
        if request.scopes.is_empty() {
            return Err("the request has no scope".to_owned());
        }
        if let Some(scope) = request.scopes.iter().find(|scope| !self.scopes.contains(scope)) {
            let scope = named("scope", scope, is_scope);
            return Err(format!("{scope} is not allowed; only the scopes of {SCOPES} are"));
        }
        request.tenant_id = request.tenant_id.filter(|tenant| !tenant.trim().is_empty());
        let is_listed = |tenant: &String| self.tenants.iter().any(|it| it.eq_ignore_ascii_case(tenant));
        if let Some(tenant) = request.tenant_id.as_ref().filter(|tenant| !is_listed(tenant)) {
            let tenant = named("tenant", tenant, is_tenant);
            return Err(format!(
                "{tenant} is not allowed; only those of {TENANTS} are, and the provider's own for a request \
                 without a tenant"
            ));
        }
        Ok(request)
    }
}

/// The entries of a variable, between blanks: a scope may contain every other separator (RFC 6749, section 3.3).
fn entries(variable: &str, value: &str, is_valid: fn(&str) -> bool) -> Result<Vec<String>, String> {
    let entry = |entry: &str| match is_valid(entry) {
        true => Ok(entry.to_owned()),
        false => Err(format!(
            "{variable} is malformed, so every request is refused: '{entry}' has a character that none has, or is too \
             long; write entries with blanks between them"
        )),
    };
    value.split_whitespace().map(entry).collect()
}

/// A scope or tenant of a request, for a message. An app could write anything into it, so a malformed one is not repeated.
fn named(what: &str, text: &str, is_valid: fn(&str) -> bool) -> String {
    if is_valid(text) { format!("the {what} {text}") } else { format!("a malformed {what}") }
}

const SCOPES: &str = "AZURE_ALLOW_SCOPES";
const TENANTS: &str = "AZURE_ALLOW_TENANTS";

#[cfg(test)]
mod tests;
