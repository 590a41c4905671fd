//! Checks the size of a request, and derives the key of its token.

use crate::types::{CredentialError, ErrorKind, TokenRequest};
use azure_token_rules::request::{
    MAX_CLAIMS, MAX_SCOPE, MAX_SCOPES, MAX_TENANT, UnknownCharacter, has_characters_of_scope, is_scope,
    is_tenant,
};
use serde_json::Value;
use std::fmt;

/// What identifies a token, as in the provider's own cache: the set of scopes in any order, the tenant, continuous
/// access evaluation. Claims are no part of it. Options are, because this crate does not know what they mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TokenKey {
    pub(crate) scopes: Vec<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) enable_cae: bool,
    options: Vec<(String, String)>,
}

impl TokenKey {
    pub(crate) fn of(request: &TokenRequest) -> Self {
        let mut scopes = request.scopes.clone();
        scopes.sort_unstable();
        scopes.dedup();
        let mut options = request.options.clone();
        options.sort_unstable();
        Self { scopes, tenant_id: request.tenant_id.clone(), enable_cae: request.enable_cae, options }
    }

    /// The scopes for a log, escaped and shortened: an app may send any text.
    pub(crate) fn scopes(&self) -> String {
        let all = format!("{:?}", self.scopes);
        let shown = all.char_indices().nth(MAX_SHOWN).map_or(all.len(), |(end, _)| end);
        format!("{}{}", &all[..shown], if shown < all.len() { "…" } else { "" })
    }

    /// The tenant for a log, escaped and shortened; empty: the credential's own.
    pub(crate) fn tenant(&self) -> String {
        let tenant = self.tenant_id.as_deref().unwrap_or_default();
        tenant.escape_debug().take(MAX_SHOWN).collect()
    }
}

/// The request with blank options unset, as the provider reads them.
///
/// # Errors
/// `invalid-argument` when it is larger than a provider accepts, or its scopes, tenant or claims are malformed: such a
/// request would take the place of another in the queue, and be copied into the memory of an instance that other apps
/// need.
pub(crate) fn checked(mut request: TokenRequest) -> Result<TokenRequest, CredentialError> {
    let optional = [&request.tenant_id, &request.claims].into_iter().flatten();
    let options = request.options.iter().flat_map(|(key, value)| [key, value]);
    let texts = request.scopes.iter().chain(optional).chain(options);
    let size: usize = texts.map(|text| text.len() + PER_TEXT).sum();
    if size > MAX_SIZE {
        return Err(invalid(format_args!(
            "the request is {size} bytes long; at most {MAX_SIZE} are allowed"
        )));
    }
    for option in [&mut request.tenant_id, &mut request.claims] {
        option.take_if(|text| text.trim().is_empty());
    }
    check_scopes(&request.scopes)?;
    request.tenant_id.as_deref().map_or(Ok(()), check_tenant)?;
    request.claims.as_deref().map_or(Ok(()), check_claims)?;
    Ok(request)
}

fn check_scopes(scopes: &[String]) -> Result<(), CredentialError> {
    if scopes.is_empty() {
        return Err(invalid("scopes is empty; name at least one, e.g. https://vault.azure.net/.default"));
    }
    if scopes.len() > MAX_SCOPES {
        return Err(invalid(format_args!("scopes has more than {MAX_SCOPES} entries")));
    }
    match scopes.iter().find(|scope| !is_scope(scope)) {
        None => Ok(()),
        Some(scope) if has_characters_of_scope(scope) => {
            Err(invalid(format_args!("a scope must be 1 to {MAX_SCOPE} characters long")))
        }
        Some(scope) => Err(invalid(format_args!("a scope {}", UnknownCharacter(scope)))),
    }
}

fn check_tenant(tenant: &str) -> Result<(), CredentialError> {
    if is_tenant(tenant) {
        return Ok(());
    }
    Err(invalid(format_args!(
        "tenant-id must be a tenant id or a domain name: 1 to {MAX_TENANT} ASCII letters, digits, '.' and '-'"
    )))
}

fn check_claims(claims: &str) -> Result<(), CredentialError> {
    if claims.len() > MAX_CLAIMS {
        return Err(invalid(format_args!("claims is longer than {MAX_CLAIMS} bytes")));
    }
    match serde_json::from_str(claims) {
        Ok(Value::Object(_)) => Ok(()),
        _ => Err(invalid(
            "claims is not a JSON object; pass the decoded value of the challenge's claims parameter",
        )),
    }
}

fn invalid(what: impl fmt::Display) -> CredentialError {
    CredentialError::of_host(ErrorKind::InvalidArgument, what)
}

/// The provider accepts less: scopes, a tenant and claims of the lengths in [`azure_token_rules::request`].
const MAX_SIZE: usize = 64 * 1024;
const _: () =
    assert!(MAX_SCOPES * (MAX_SCOPE + PER_TEXT) + MAX_TENANT + MAX_CLAIMS + 2 * PER_TEXT <= MAX_SIZE);
/// The size of a text beside its bytes, in an instance.
const PER_TEXT: usize = 8;
/// The number of characters of a request that a log shows, at most.
const MAX_SHOWN: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(scopes: &[&str]) -> TokenKey {
        let scopes = scopes.iter().map(ToString::to_string).collect();
        TokenKey::of(&TokenRequest { scopes, ..TokenRequest::default() })
    }

    #[test]
    fn the_order_and_repetition_of_scopes_do_not_change_the_key() {
        assert_eq!(key(&["a", "b"]), key(&["b", "a", "b"]));
        assert_ne!(key(&["a", "b"]), key(&["a"]));
        assert_ne!(key(&["a", "b"]), key(&["ab"]));
    }

    #[test]
    fn tenant_and_continuous_access_evaluation_change_the_key_and_claims_do_not() {
        let request = TokenRequest::new("a");
        let with = |change: fn(&mut TokenRequest)| {
            let mut request = request.clone();
            change(&mut request);
            TokenKey::of(&request)
        };
        assert_ne!(with(|it| it.tenant_id = Some("t".into())), TokenKey::of(&request));
        assert_ne!(with(|it| it.enable_cae = true), TokenKey::of(&request));
        assert_ne!(with(|it| it.options = vec![("k".into(), "v".into())]), TokenKey::of(&request));
        assert_eq!(with(|it| it.claims = Some("{}".into())), TokenKey::of(&request));
    }

    #[test]
    fn blank_options_are_unset() {
        let blank =
            TokenRequest { tenant_id: Some(" ".into()), claims: Some("\n".into()), ..TokenRequest::new("a") };
        assert_eq!(checked(blank), Ok(TokenRequest::new("a")));
    }

    #[test]
    fn a_request_larger_than_any_provider_accepts_is_refused() {
        for request in [
            TokenRequest::new("a".repeat(70_000)),
            TokenRequest { scopes: vec![String::new(); 10_000], ..TokenRequest::default() },
            TokenRequest { claims: Some("x".repeat(70_000)), ..TokenRequest::new("a") },
            TokenRequest { options: vec![(String::new(), "x".repeat(70_000))], ..TokenRequest::new("a") },
        ] {
            let error = checked(request).expect_err("it is too large");
            assert_eq!(error.kind, ErrorKind::InvalidArgument);
            assert!(error.message.ends_with("bytes long; at most 65536 are allowed"), "{error}");
        }
    }

    #[test]
    fn a_malformed_request_is_refused_with_the_field_and_the_rule() {
        let tenant = |tenant: &str| TokenRequest { tenant_id: Some(tenant.into()), ..TokenRequest::new("a") };
        let claims = |claims: &str| TokenRequest { claims: Some(claims.into()), ..TokenRequest::new("a") };
        let scopes = |number| TokenRequest { scopes: vec!["a".into(); number], ..TokenRequest::default() };
        for (request, what) in [
            (scopes(0), "scopes is empty"),
            (scopes(MAX_SCOPES + 1), "scopes has more than 32 entries"),
            (TokenRequest::new(""), "a scope must be 1 to 1024 characters long"),
            (TokenRequest::new("a".repeat(MAX_SCOPE + 1)), "a scope must be 1 to 1024 characters long"),
            (TokenRequest::new("a b"), "a scope has a character that no scope has: \"a b\""),
            (tenant("a/b"), "tenant-id must be a tenant id or a domain name"),
            (tenant(&"a".repeat(MAX_TENANT + 1)), "tenant-id must be a tenant id or a domain name"),
            (claims(&format!("{{{}}}", " ".repeat(MAX_CLAIMS))), "claims is longer than 16384 bytes"),
            (claims("[]"), "claims is not a JSON object"),
            (claims("{} {}"), "claims is not a JSON object"),
        ] {
            let error = checked(request).expect_err(what);
            assert_eq!(error.kind, ErrorKind::InvalidArgument, "{what}");
            assert!(error.message.starts_with(&format!("azure-identity-wasmtime: {what}")), "{error}");
        }
        for request in [scopes(MAX_SCOPES), tenant("contoso.com"), claims(r#"{"access_token":{}}"#)] {
            assert_eq!(checked(request.clone()), Ok(request));
        }
    }

    #[test]
    fn a_log_shows_the_text_of_an_app_escaped_and_shortened() {
        assert_eq!(key(&["a\r\nb"]).scopes().to_string(), r#"["a\r\nb"]"#);
        assert_eq!(key(&[&"ä".repeat(1000)]).scopes().to_string().chars().count(), MAX_SHOWN + 1);
    }
}
