//! The `claims` parameter of a token request.

use crate::json::Json;
use crate::prelude::*;
use crate::request::TokenRequest;

/// The `claims` parameter: the caller's challenge, merged with the client capability `CP1` if the caller can
/// answer a challenge (Microsoft Learn, "Claims challenges, claims requests, and client capabilities").
pub fn parameter(request: &TokenRequest) -> Option<String> {
    let mut claims = match request.claims() {
        Some(claims) => Json::parse(claims.as_bytes())?,
        None if request.enable_cae() => Json::Object(Vec::new()),
        None => return None,
    };
    if request.enable_cae() {
        let capabilities = Json::Array(vec![Json::string("CP1")]);
        let capabilities = Json::Object(vec![("values".to_owned(), capabilities)]);
        let wanted = claims.get("access_token").filter(|wanted| wanted.as_object().is_some());
        let mut wanted = wanted.cloned().unwrap_or(Json::Object(Vec::new()));
        wanted.set("xms_cc", capabilities);
        claims.set("access_token", wanted);
    }
    let mut text = String::new();
    claims.write(&mut text);
    Some(text)
}
