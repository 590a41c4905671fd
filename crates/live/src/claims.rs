//! The claims of an access token (RFC 7519). The signature is not verified: the token came over TLS from its issuer, and
//! the resource verifies it.

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

/// The claims that the suite compares.
pub(crate) struct Claims {
    pub(crate) aud: String,
    pub(crate) tid: String,
    pub(crate) exp: u64,
}

impl Claims {
    /// Decodes a token.
    ///
    /// # Errors
    /// When it is no JWT with these claims. The error has no part of the token.
    pub(crate) fn decode(token: &str) -> Result<Self> {
        let payload = token.split('.').nth(1).context("the token is no JWT")?;
        let payload =
            BASE64_URL_SAFE_NO_PAD.decode(payload).ok().context("the token's claims are no base64url")?;
        let claims: Value =
            serde_json::from_slice(&payload).ok().context("the token's claims are no JSON")?;
        let text = |name: &str| {
            let text = claims.get(name).and_then(Value::as_str);
            text.map(str::to_owned).with_context(|| format!("the token has no claim {name}"))
        };
        let exp = claims.get("exp").and_then(Value::as_u64).context("the token has no claim exp")?;
        Ok(Self { aud: text("aud")?, tid: text("tid")?, exp })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claims_of_a_token_are_decoded() -> Result<()> {
        let payload = br#"{"aud":"https://vault.azure.net","tid":"aaaabbbb","exp":1800000000,"oid":"x"}"#;
        let claims = Claims::decode(&format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(payload)))?;
        let expected = ("https://vault.azure.net", "aaaabbbb", 1_800_000_000);
        assert_eq!((claims.aud.as_str(), claims.tid.as_str(), claims.exp), expected);
        Ok(())
    }

    #[test]
    fn an_error_has_no_part_of_the_token() {
        let error = |token: &str| Claims::decode(token).err().map(|error| format!("{error:?}"));
        for (token, expected) in [
            ("opaque", "the token is no JWT"),
            ("a.sec ret.c", "the token's claims are no base64url"),
            ("a.c2VjcmV0.c", "the token's claims are no JSON"),
            ("a.e30.c", "the token has no claim exp"),
        ] {
            let error = error(token).unwrap_or_default();
            assert_eq!(error.lines().next(), Some(expected));
        }
    }
}
