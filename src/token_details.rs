//! Facts about the identity of a token, from the response that it came with. The token itself is not decoded: its
//! format is between Microsoft Entra and the resource (Microsoft Learn, "Access tokens", Token formats).

use crate::base64;
use crate::json::Json;
use crate::prelude::*;
use azure_token_rules::text::cleaned;

/// What is known of a token's identity. None of it is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenDetails {
    /// The tenant that issued the token.
    pub tenant_id: Option<String>,
    /// The client that the token was issued to.
    pub client_id: Option<String>,
    /// The object id of the user or the service principal, in `tenant_id`.
    pub object_id: Option<String>,
    /// The user's sign-in name.
    pub username: Option<String>,
    /// The URL of the authority.
    pub authority: Option<String>,
    /// MSAL's id of the user's account, `uid.utid`.
    pub home_account_id: Option<String>,
}

impl TokenDetails {
    /// The facts in a response of a token service.
    ///
    /// A managed host names the client of its identity. Microsoft Entra describes a user by `client_info` and by an
    /// id token (OpenID Connect Core 1.0, section 3.1.3.3), which comes from its own endpoint over TLS, so that its
    /// signature need not be validated (section 3.1.3.7).
    pub fn parse(response: &Json) -> Self {
        let client_info =
            response.text("client_info").and_then(|text| Json::parse(&base64::decode_url(text)?));
        let account = client_info
            .as_ref()
            .and_then(|info| Some(format!("{}.{}", id(info.text("uid"))?, id(info.text("utid"))?)));
        let payload = response.text("id_token").and_then(|token| token.split('.').nth(1));
        let claims = payload.and_then(|payload| Json::parse(&base64::decode_url(payload)?));
        let claim = |name: &str| claims.as_ref().and_then(|claims| claims.text(name));
        let username = claim("preferred_username").or_else(|| claim("upn"));
        Self {
            tenant_id: id(claim("tid")),
            client_id: id(response.text("client_id")),
            object_id: id(claim("oid")),
            username: username.filter(|name| is_printable(name)).map(ToOwned::to_owned),
            authority: None,
            home_account_id: account,
        }
    }

    /// The facts by the keys that they have in `access-token.details`.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let pairs = [
            ("tenant-id", &self.tenant_id),
            ("client-id", &self.client_id),
            ("object-id", &self.object_id),
            ("username", &self.username),
            ("authority", &self.authority),
        ];
        pairs.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?))).collect()
    }
}

fn id(text: Option<&str>) -> Option<String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    text.filter(|id| (1..=MAX_FACT).contains(&id.len()) && id.bytes().all(allowed)).map(ToOwned::to_owned)
}

fn is_printable(text: &str) -> bool {
    (1..=MAX_FACT).contains(&text.len()) && !text.contains(char::is_whitespace) && cleaned(text) == text
}

/// In bytes. A user name in Microsoft Entra has at most 113 characters.
const MAX_FACT: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    use serde_json::json;

    fn encoded(value: &serde_json::Value) -> String {
        Base64UrlUnpadded::encode_string(value.to_string().as_bytes())
    }

    fn parsed(response: &serde_json::Value) -> TokenDetails {
        TokenDetails::parse(&Json::parse(response.to_string().as_bytes()).expect("JSON"))
    }

    #[test]
    fn a_user_is_described_by_client_info_and_id_token() {
        let claims = json!({"oid": "o-1", "tid": "t-1", "preferred_username": "user@contoso.com"});
        let response = json!({
            "client_info": encoded(&json!({"uid": "u-1", "utid": "t-1"})),
            "id_token": format!("e30.{}.c2ln", encoded(&claims)),
        });
        let expected = TokenDetails {
            tenant_id: Some("t-1".to_owned()),
            object_id: Some("o-1".to_owned()),
            username: Some("user@contoso.com".to_owned()),
            home_account_id: Some("u-1.t-1".to_owned()),
            ..Default::default()
        };
        assert_eq!(parsed(&response), expected);
    }

    #[test]
    fn a_managed_host_names_the_client() {
        let expected = TokenDetails { client_id: Some("c-1".to_owned()), ..Default::default() };
        assert_eq!(parsed(&json!({"client_id": "c-1"})), expected);
    }

    #[test]
    fn a_malformed_fact_is_left_out() {
        for response in [
            json!({"client_id": "a b", "client_info": "?", "id_token": "x"}),
            json!({"client_id": "", "client_info": encoded(&json!({"uid": "u"})), "id_token": "a..c"}),
            json!({"client_id": "x".repeat(257), "id_token": format!(".{}.", encoded(&json!({"oid": "o\r\nx: y"})))}),
            json!({"id_token": format!(".{}.", encoded(&json!({"preferred_username": "a\u{1b}[31m"})))}),
        ] {
            assert_eq!(parsed(&response), TokenDetails::default(), "{response}");
        }
    }
}
