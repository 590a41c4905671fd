//! Token requests.

use crate::text::text;
use azure_identity_component::entra::claims;
use azure_identity_component::identifiers::{Scope, TenantId};
use azure_identity_component::request::{RawRequest, TokenRequest};
use serde_json::{Value, json};

/// Tenant, claims and scopes, separated by NULs. Leading white space means that the caller can answer a
/// claims challenge.
pub fn request(data: &[u8]) {
    let text = text(data);
    let mut parts = text.split('\0').map(ToOwned::to_owned);
    let tenant_id = parts.next().filter(|part| part != "-");
    let claims = parts.next().filter(|part| part != "-");
    let raw = RawRequest {
        scopes: parts.collect(),
        tenant_id,
        claims,
        enable_cae: text.starts_with(' '),
        options: Vec::new(),
    };
    match TokenRequest::parse(raw.clone()) {
        Ok(request) => is_well_formed(&raw, &request),
        Err(error) => {
            assert!(error.message.starts_with("get-token: "), "{}", error.message);
            assert!(!error.message.contains(char::is_control), "{}", error.message);
        }
    }
}

/// Merging the client capability into claims sets `xms_cc` and changes nothing else.
pub fn claims(data: &[u8]) {
    let request = |enable_cae| {
        let claims = Some(text(data).into_owned());
        TokenRequest::parse(RawRequest {
            scopes: vec!["s".to_owned()],
            claims,
            enable_cae,
            ..RawRequest::default()
        })
    };
    let (Ok(without), Ok(with)) = (request(false), request(true)) else { return };
    assert_eq!(claims::parameter(&without).as_deref(), without.claims());
    let merged = claims::parameter(&with).expect("the client capability");
    let merged: Value = serde_json::from_str(&merged).expect("JSON");
    let mut expected: Value = serde_json::from_str(with.claims().unwrap_or("{}")).expect("checked");
    if !expected["access_token"].is_object() {
        expected["access_token"] = json!({});
    }
    expected["access_token"]["xms_cc"] = json!({"values": ["CP1"]});
    assert_eq!(merged, expected);
}

fn is_well_formed(raw: &RawRequest, request: &TokenRequest) {
    let is_scope = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/@!$'()*+,;=".contains(&b);
    let scopes: Vec<&str> = request.scopes().iter().map(Scope::as_str).collect();
    assert!(!scopes.is_empty() && scopes == raw.scopes);
    assert!(scopes.iter().all(|scope| !scope.is_empty() && scope.bytes().all(is_scope)));
    if let Some(tenant) = request.tenant_id().map(TenantId::as_str) {
        let is_tenant = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
        assert!(!tenant.is_empty() && tenant.bytes().all(is_tenant) && !matches!(tenant, "." | ".."));
    }
    if let Some(claims) = request.claims() {
        let json = serde_json::from_str::<Value>(claims);
        assert!(json.is_ok_and(|claims| claims.is_object()), "{claims}");
    }
    // The order of the scopes does not matter.
    let scopes = raw.scopes.iter().rev().cloned().collect();
    let other = TokenRequest::parse(RawRequest { scopes, ..raw.clone() })
        .expect("the same request, with the scopes reversed");
    assert!(request.same_token(&other) && request.key() == other.key());
}
