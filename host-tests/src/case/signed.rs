//! Assertions as cases describe them: issuer, subject, audience, expiry.

use crate::clock::EPOCH;
use azure_simulator::jwt;
use azure_simulator::settings::{CLUSTER_ISSUER, SERVICE_ACCOUNT, TOKEN_EXCHANGE_AUDIENCE};
use serde::Deserialize;
use serde_json::json;

/// A signed assertion; by default one of the example cluster, valid for an hour from the start of the case.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Signed {
    issuer: String,
    subject: String,
    audience: String,
    /// When it expires, in seconds from the start of the case.
    expires_in: u64,
    /// Whether the signature is invalid.
    forged: bool,
    /// The content of the file, with `<token>` in place of the assertion.
    within: String,
}

impl Signed {
    /// The assertion; equal claims give equal assertions.
    pub fn sign(&self) -> String {
        let token = jwt::sign(&json!({
            "aud": self.audience,
            "exp": EPOCH + self.expires_in,
            "iat": EPOCH,
            "iss": self.issuer,
            "nbf": EPOCH,
            "sub": self.subject,
        }));
        let (content, signature) = token.rsplit_once('.').expect("a JWT has three parts");
        if self.forged { format!("{content}.{}", signature.chars().rev().collect::<String>()) } else { token }
    }

    /// The content of the file.
    pub fn content(&self) -> String {
        self.within.replace("<token>", &self.sign())
    }
}

impl Default for Signed {
    fn default() -> Self {
        Self {
            issuer: CLUSTER_ISSUER.to_owned(),
            subject: SERVICE_ACCOUNT.to_owned(),
            audience: TOKEN_EXCHANGE_AUDIENCE.to_owned(),
            expires_in: 3600,
            forged: false,
            within: "<token>".to_owned(),
        }
    }
}
