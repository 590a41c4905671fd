//! The first step of a request: the caller's words are parsed once, here; whoever holds a
//! [`TokenRequest`] need not check anything again.

use crate::error::Error;
use crate::json::Json;
use crate::prelude::*;
use crate::text;

/// A request as the caller made it, unchecked. The fields are those of `types.wit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRequest {
    /// What the token must be good for.
    pub scopes: Vec<String>,
    /// The tenant to ask instead of the credential's own.
    pub tenant_id: Option<String>,
    /// A claims challenge, as JSON text.
    pub claims: Option<String>,
    /// Whether the caller can answer a claims challenge.
    pub enable_cae: bool,
}

impl RawRequest {
    /// A number that is equal for requests that the same token answers. Claims do not count, nor
    /// does the order of scopes.
    pub fn key(&self) -> u64 {
        let scopes = self.scopes.iter().fold(0_u64, |sum, scope| sum.wrapping_add(hash(scope)));
        let tenant = self.tenant_id.as_deref().map_or(0, hash);
        scopes ^ tenant.rotate_left(31) ^ u64::from(self.enable_cae)
    }

    /// Whether the same token answers both requests; the truth that [`key`](Self::key) hints at. Whoever is
    /// equal to a well-formed request is well-formed.
    pub fn same_token(&self, other: &Self) -> bool {
        self.enable_cae == other.enable_cae
            && self.tenant_id == other.tenant_id
            && (self.scopes == other.scopes || self.same_scopes(other))
    }

    /// In any order.
    fn same_scopes(&self, other: &Self) -> bool {
        self.scopes.len() == other.scopes.len()
            && self.scopes.iter().all(|scope| other.scopes.contains(scope))
            && other.scopes.iter().all(|scope| self.scopes.contains(scope))
    }
}

/// A request that is known to be well-formed; blank options are `None`.
#[derive(Clone, Debug)]
pub struct TokenRequest(RawRequest);

impl TokenRequest {
    /// Checks what the caller asked for. Blank options are unset.
    ///
    /// # Errors
    /// `invalid-request`, naming the field and what is wrong with it.
    pub fn parse(raw: RawRequest) -> Result<Self, Error> {
        if raw.scopes.is_empty() {
            return Err(invalid("scopes is empty; name at least one, e.g. https://vault.azure.net/.default"));
        }
        if raw.scopes.len() > MAX_SCOPES {
            return Err(invalid(format_args!("scopes has more than {MAX_SCOPES} entries")));
        }
        for scope in &raw.scopes {
            check_scope(scope)?;
        }
        let tenant_id = raw.tenant_id.filter(|tenant| !tenant.trim().is_empty());
        if let Some(tenant) = &tenant_id {
            check_tenant(tenant).map_err(|what| invalid(format_args!("tenant-id {what}")))?;
        }
        let claims = raw.claims.filter(|claims| !claims.trim().is_empty());
        if let Some(claims) = &claims {
            check_claims(claims)?;
        }
        Ok(Self(RawRequest { tenant_id, claims, ..raw }))
    }

    /// The request as it would have to be made to be parsed to this one.
    pub fn as_raw(&self) -> &RawRequest {
        &self.0
    }

    /// The scopes, in the caller's order; at least one.
    pub fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// The scopes as services take them: one text, with spaces between them.
    pub fn scope(&self) -> String {
        let scopes: Vec<&str> = self.scopes().iter().map(String::as_str).collect();
        text::join(&scopes, " ")
    }

    /// The tenant the caller named; `None`: the credential's own is meant.
    pub fn tenant_id(&self) -> Option<&str> {
        self.0.tenant_id.as_deref()
    }

    /// The claims challenge, a JSON object; `None`: there is none.
    pub fn claims(&self) -> Option<&str> {
        self.0.claims.as_deref()
    }

    /// Whether the caller can answer a claims challenge.
    pub fn enable_cae(&self) -> bool {
        self.0.enable_cae
    }

    /// The one resource that a source without scopes is asked for.
    ///
    /// Only a literal `/.default` at the end is taken away: `https://management.core.windows.net//.default`
    /// is the resource `https://management.core.windows.net/` (as all Azure SDKs do).
    ///
    /// # Errors
    /// `invalid-request` when there are several scopes.
    pub fn resource(&self, source: &str) -> Result<&str, Error> {
        match self.scopes() {
            [scope] => Ok(scope.strip_suffix("/.default").unwrap_or(scope)),
            _ => Err(Error::invalid(source, "takes exactly one scope; ask for one resource at a time")),
        }
    }
}

/// Checks a tenant: an id or a domain name. Anything else could change the URL it is put into.
///
/// # Errors
/// What is wrong with it, to stand behind the name of the field or variable.
pub fn check_tenant(tenant: &str) -> Result<(), &'static str> {
    if tenant.is_empty() || tenant.len() > MAX_TENANT {
        return Err("must be 1 to 255 characters long");
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    if !text::has_only(tenant, allowed) || text::has_only(tenant, |b| b == b'.') {
        return Err("must be a tenant id or a domain name: ASCII letters, digits, '.' and '-'");
    }
    Ok(())
}

fn check_scope(scope: &str) -> Result<(), Error> {
    if scope.is_empty() || scope.len() > MAX_SCOPE {
        return Err(invalid(format_args!("a scope must be 1 to {MAX_SCOPE} characters long")));
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'-');
    if !text::has_only(scope, allowed) {
        return Err(invalid(
            "a scope has a character that no scope has; allowed are ASCII letters, digits and . _ : / -",
        ));
    }
    Ok(())
}

fn check_claims(claims: &str) -> Result<(), Error> {
    if claims.len() > MAX_CLAIMS {
        return Err(invalid(format_args!("claims is longer than {MAX_CLAIMS} bytes")));
    }
    match Json::parse(claims.as_bytes()) {
        Some(Json::Object(_)) => Ok(()),
        _ => Err(invalid(
            "claims is not a JSON object; pass the decoded value of the challenge's claims parameter",
        )),
    }
}

fn invalid(what: impl core::fmt::Display) -> Error {
    Error::invalid("get-token", what)
}

/// FxHash (as in rustc), eight bytes a step. Collisions cost a cache entry and nothing else.
fn hash(text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks();
    let last = rest.iter().fold(0, |word: u64, byte| word << 8 | u64::from(*byte));
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    words
        .chain([last])
        .fold(0, |hash: u64, word| (hash.rotate_left(5) ^ word).wrapping_mul(0x51_7c_c1_b7_27_22_0a_95))
}

const MAX_SCOPES: usize = 32;
const MAX_SCOPE: usize = 1024;
const MAX_TENANT: usize = 255;
const MAX_CLAIMS: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn raw_request(scopes: &[&str]) -> RawRequest {
        RawRequest { scopes: scopes.iter().map(ToString::to_string).collect(), ..Default::default() }
    }

    fn refusal(raw: RawRequest) -> String {
        TokenRequest::parse(raw).expect_err("should be refused").into_details().message
    }

    #[test]
    fn only_a_literal_default_suffix_is_stripped_from_a_scope() {
        for (scope, resource) in [
            ("https://vault.azure.net/.default", "https://vault.azure.net"),
            ("https://management.core.windows.net//.default", "https://management.core.windows.net/"),
            ("https://vault.azure.net/", "https://vault.azure.net/"),
            ("https://vault.azure.net", "https://vault.azure.net"),
        ] {
            let parsed = TokenRequest::parse(raw_request(&[scope])).expect("well-formed");
            assert_eq!(parsed.resource("test").expect("one scope"), resource);
        }
    }

    #[test]
    fn scopes_that_could_change_a_request_are_refused() {
        for scope in ["", "a b", "a&b=c", "a\"b", "a#b", "a\r\nb", "a\0b", "ä", "a%20b", "a\\b", "a'b"] {
            assert!(refusal(raw_request(&[scope])).starts_with("get-token: a scope "), "{scope:?}");
        }
    }

    #[test]
    fn tenants_that_could_change_a_url_are_refused() {
        for tenant in ["a/b", "a b", "..", "a?b", "a#b", "a@b", "ä", "a\r\nb", "a\0b", "a%2fb"] {
            let raw = RawRequest { tenant_id: Some(tenant.into()), ..raw_request(&["s"]) };
            assert!(refusal(raw).starts_with("get-token: tenant-id must be"), "{tenant:?}");
        }
    }

    #[test]
    fn claims_must_be_a_json_object() {
        for claims in ["{", "[]", "\"x\"", "1"] {
            let raw = RawRequest { claims: Some(claims.into()), ..raw_request(&["s"]) };
            assert!(refusal(raw).starts_with("get-token: claims is not a JSON object"), "{claims:?}");
        }
    }

    #[test]
    fn blank_options_are_unset() {
        let raw =
            RawRequest { tenant_id: Some(" ".into()), claims: Some(String::new()), ..raw_request(&["s"]) };
        let parsed = TokenRequest::parse(raw).expect("well-formed");
        assert_eq!((parsed.tenant_id(), parsed.claims()), (None, None));
    }

    #[test]
    fn the_key_ignores_order_and_claims_and_nothing_else() {
        let one = raw_request(&["a", "b"]);
        let claims = Some(r#"{"a":1}"#.into());
        let same = RawRequest { claims, ..raw_request(&["b", "a"]) };
        assert!(one.key() == same.key() && one.same_token(&same));
        for other in [
            raw_request(&["a"]),
            raw_request(&["a", "a"]),
            RawRequest { enable_cae: true, ..raw_request(&["a", "b"]) },
            RawRequest { tenant_id: Some("t".into()), ..raw_request(&["a", "b"]) },
        ] {
            assert!(!one.same_token(&other) && one.key() != other.key(), "{other:?}");
        }
    }
}
