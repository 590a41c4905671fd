//! What a grant says that its token shall be good for.

use crate::prelude::*;
use crate::request::TokenRequest;

/// What the `scope` of a grant says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scopes {
    /// The caller's scopes.
    Requested,
    /// These, and what makes a refresh token come, and an id token whose user it is (as all Azure SDKs).
    WithOfflineAccess,
    /// Nothing: the grant is for what it was begun with.
    Omitted,
}

impl Scopes {
    /// The `scope` of a request.
    pub fn of(self, request: &TokenRequest) -> String {
        let own = request.scope();
        if self == Self::WithOfflineAccess { format!("{own} {MORE_SCOPES}") } else { own }
    }
}

const MORE_SCOPES: &str = "offline_access openid profile";
