//! The claims of a token about its user.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::fmt::Write;

/// The token's claims about its user, one a line, without the token itself. They are not verified, which is the task of the
/// resource.
pub fn describe(token: &str, expires_on: u64) -> String {
    let mut text = "signed in\n".to_owned();
    let payload = token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    match payload.and_then(|json| serde_json::from_slice::<Value>(&json).ok()) {
        Some(claims) => NAMES.iter().for_each(|name| {
            if let Some(value) = claims.get(name) {
                let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                let value: String = value.chars().filter(|c| !c.is_control()).collect();
                let _ = writeln!(text, "{name:<20} {value}");
            }
        }),
        None => text.push_str("the token is opaque\n"),
    }
    let _ = write!(text, "{:<20} {expires_on}", "expires on");
    text
}

const NAMES: &[&str] = &["name", "upn", "unique_name", "preferred_username", "oid", "tid", "aud", "scp"];
