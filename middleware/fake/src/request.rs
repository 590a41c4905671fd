//! The check of a request: what the provider refuses as malformed, this one refuses, too.

use alloc::string::String;
use azure_middleware_bindings::TokenRequest;
use azure_token_rules::request::{MAX_SCOPES, is_scope, is_tenant};
use serde_json::{Map, Value};

/// Whether the request asks for details; `Err`: the malformed field.
pub fn check(request: &TokenRequest) -> Result<bool, &'static str> {
    let is_valid = |text: &Option<String>, is_valid: fn(&str) -> bool| {
        text.as_deref().is_none_or(|text| text.trim().is_empty() || is_valid(text))
    };
    let is_object = |text: &str| serde_json::from_str::<Map<String, Value>>(text).is_ok();
    let scopes = &request.scopes;
    if !(1..=MAX_SCOPES).contains(&scopes.len()) || !scopes.iter().all(|scope| is_scope(scope)) {
        return Err("scopes");
    }
    if !is_valid(&request.tenant_id, is_tenant) {
        return Err("tenant-id");
    }
    if !is_valid(&request.claims, is_object) {
        return Err("claims");
    }
    match &request.options[..] {
        [] => Ok(false),
        [(key, value)] if key == "include-details" => value.parse().map_err(|_| "options"),
        _ => Err("options"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(scopes: &[&str]) -> TokenRequest {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: [].into() }
    }

    #[test]
    fn a_well_formed_request_is_accepted() {
        let option = |value: &str| [("include-details".to_owned(), value.to_owned())].into();
        for (request, include_details) in [
            (request(&["https://vault.azure.net/.default"]), false),
            (
                TokenRequest { tenant_id: Some(" ".into()), claims: Some("".into()), ..request(&["a", "b"]) },
                false,
            ),
            (
                TokenRequest {
                    claims: Some("{\"a\":1.5}".into()),
                    options: option("true"),
                    ..request(&["a"])
                },
                true,
            ),
            (
                TokenRequest {
                    tenant_id: Some("contoso.com".into()),
                    options: option("false"),
                    ..request(&["a"])
                },
                false,
            ),
        ] {
            assert_eq!(check(&request), Ok(include_details), "{request:?}");
        }
    }

    #[test]
    fn what_the_provider_refuses_as_malformed_is_refused() {
        let include = || ("include-details".to_owned(), "true".to_owned());
        let well = || request(&["a"]);
        for (request, reason) in [
            (request(&[]), "scopes"),
            (request(&["a"; 33]), "scopes"),
            (request(&["a", "b c"]), "scopes"),
            (TokenRequest { tenant_id: Some("a/b".into()), ..well() }, "tenant-id"),
            (TokenRequest { claims: Some("[]".into()), ..well() }, "claims"),
            (TokenRequest { options: [include(), include()].into(), ..well() }, "options"),
            (TokenRequest { options: [("pop".into(), "true".into())].into(), ..well() }, "options"),
            (
                TokenRequest { options: [("include-details".into(), "yes".into())].into(), ..well() },
                "options",
            ),
        ] {
            assert_eq!(check(&request), Err(reason), "{request:?}");
        }
    }
}
