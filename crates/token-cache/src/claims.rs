//! The hash of a claims challenge.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The SHA-256 of a claims challenge. A record holds it and not the challenge, which may name policies of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClaimsHash([u8; 32]);

impl ClaimsHash {
    /// The hash of a claims challenge, as the request has it: two texts of the same JSON are two challenges.
    pub fn of(claims: &str) -> Self {
        Self(Sha256::digest(claims.as_bytes()).into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
