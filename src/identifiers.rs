//! The identifiers of Microsoft Entra, parsed once. Their text can be put into a URL, a form or a message.

use crate::error::Error;
use crate::prelude::*;
use azure_token_rules::request::{
    MAX_SCOPE, MAX_TENANT, UnknownCharacter, has_characters_of_scope, has_characters_of_tenant,
};

/// A tenant: its id, or a domain name of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantId(String);

/// A client (application) id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

/// A scope, e.g. `https://vault.azure.net/.default`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(String);

/// A resource, as services without scopes name it, e.g. `https://vault.azure.net`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource<'a>(&'a str);

/// Why a text is no identifier, to stand behind the name of the field or variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// The client id is empty, too long, or has another character.
    #[error("must be a client id: ASCII letters, digits and '-'")]
    ClientId,
    /// The tenant has a character that could change the URL that it is put into.
    #[error("must be a tenant id or a domain name: ASCII letters, digits, '.' and '-'")]
    TenantCharacter,
    /// The tenant is empty or too long.
    #[error("must be 1 to {MAX_TENANT} characters long")]
    TenantLength,
}

impl TenantId {
    /// Parses a tenant id or a domain name.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(text: impl Into<String>) -> Result<Self, IdentifierError> {
        let text = text.into();
        if text.is_empty() || text.len() > MAX_TENANT {
            return Err(IdentifierError::TenantLength);
        }
        if !has_characters_of_tenant(&text) {
            return Err(IdentifierError::TenantCharacter);
        }
        Ok(Self(text))
    }

    /// The tenant `organizations`: the tenant of the user who signs in with a work account.
    pub fn organizations() -> Self {
        Self("organizations".to_owned())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text names the same tenant; letters' case does not matter.
    pub fn is(&self, text: &str) -> bool {
        self.0.eq_ignore_ascii_case(text)
    }
}

impl ClientId {
    /// Parses a client id: 1 to 64 ASCII letters, digits and hyphens.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: impl Into<String>) -> Result<Self, IdentifierError> {
        let text = text.into();
        if is_id(&text) { Ok(Self(text)) } else { Err(IdentifierError::ClientId) }
    }

    /// The public client of the Azure CLI, with whose id Microsoft's developer tools share their refresh
    /// tokens.
    pub fn azure_cli() -> Self {
        Self("04b07795-8ddb-461a-bbee-02f9e1bf7b46".to_owned())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Scope {
    /// Parses a scope.
    ///
    /// # Errors
    /// `invalid-argument` when the text is empty, too long, or has a character that could change a request. The message
    /// repeats the text.
    pub fn parse(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if text.is_empty() || text.len() > MAX_SCOPE {
            return Err(invalid(format_args!("a scope must be 1 to {MAX_SCOPE} characters long")));
        }
        if !has_characters_of_scope(&text) {
            return Err(invalid(format_args!("a scope {}", UnknownCharacter(&text))));
        }
        Ok(Self(text))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The resource of the scope: the scope without a literal `/.default` at its end.
    ///
    /// `https://management.core.windows.net//.default` is of the resource
    /// `https://management.core.windows.net/`, as in all Azure SDKs.
    pub fn resource(&self) -> Resource<'_> {
        Resource::of(&self.0)
    }
}

impl<'a> Resource<'a> {
    /// The resource of a scope, as [`Scope::resource`].
    pub fn of(scope: &'a str) -> Self {
        Self(scope.strip_suffix("/.default").unwrap_or(scope))
    }

    /// Its text.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

fn invalid(what: impl core::fmt::Display) -> Error {
    Error::invalid_argument("get-token", what)
}

/// Whether a text may be an id of a client, a service connection or the like: 1 to 64 ASCII letters, digits
/// and hyphens.
pub fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !text.is_empty() && text.len() <= MAX_ID && text.bytes().all(allowed)
}

const MAX_ID: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_literal_default_suffix_is_stripped_from_a_scope() {
        for (scope, resource) in [
            ("https://vault.azure.net/.default", "https://vault.azure.net"),
            ("https://management.core.windows.net//.default", "https://management.core.windows.net/"),
            ("https://vault.azure.net/", "https://vault.azure.net/"),
            ("https://vault.azure.net", "https://vault.azure.net"),
        ] {
            assert_eq!(Scope::parse(scope).expect("a scope").resource().as_str(), resource);
        }
    }

    #[test]
    fn scopes_that_could_change_a_request_are_refused() {
        let refusal = |scope: &str| Scope::parse(scope).expect_err("it is refused").to_string();
        for scope in ["a b", "a&b=c", "a\"b", "a#b", "a%20b", "a\\b", "a?b"] {
            let start =
                format!("get-token: a scope has a character that no scope has: \"{scope}\"; allowed are ");
            assert!(refusal(scope).starts_with(&start), "{}", refusal(scope));
        }
        for (scope, shown) in [("a\r\nb", "a\u{fffd}\u{fffd}b"), ("a\0b", "a\u{fffd}b"), ("ä", "\u{fffd}")] {
            assert!(refusal(scope).contains(&format!("no scope has: \"{shown}\"; ")), "{}", refusal(scope));
        }
        for scope in [String::new(), "s".repeat(1025)] {
            assert_eq!(refusal(&scope), "get-token: a scope must be 1 to 1024 characters long");
        }
    }

    #[test]
    fn tenants_that_could_change_a_url_are_refused() {
        for tenant in ["a/b", "a b", "..", "a?b", "a#b", "a@b", "ä", "a\r\nb", "a\0b", "a%2fb"] {
            assert_eq!(TenantId::parse(tenant), Err(IdentifierError::TenantCharacter), "{tenant:?}");
        }
        for tenant in [String::new(), "t".repeat(256)] {
            assert_eq!(TenantId::parse(tenant), Err(IdentifierError::TenantLength));
        }
    }

    #[test]
    fn client_ids_are_letters_digits_and_hyphens() {
        assert_eq!(ClientId::parse("1-a").expect("a client id").as_str(), "1-a");
        for id in ["", " ", "a.b", "a/b", "ä", &"a".repeat(65)] {
            assert_eq!(ClientId::parse(id), Err(IdentifierError::ClientId), "{id:?}");
        }
    }
}
