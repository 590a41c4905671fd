//! The `scope` parameter of a grant.

use crate::prelude::*;
use crate::request::TokenRequest;

/// The form of the `scope` parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scopes {
    /// The caller's scopes.
    Requested,
    /// The caller's scopes, and those that yield a refresh token and an id token (as all Azure SDKs).
    WithOfflineAccess,
    /// No `scope` parameter: the grant is for the scopes that the flow began with.
    Omitted,
}

impl Scopes {
    /// The `scope` parameter for a request.
    pub fn parameter(self, request: &TokenRequest) -> String {
        let requested = request.scope();
        if self == Self::WithOfflineAccess { format!("{requested} {OFFLINE_ACCESS}") } else { requested }
    }
}

const OFFLINE_ACCESS: &str = "offline_access openid profile";
