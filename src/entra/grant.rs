//! A grant (RFC 6749, section 1.3): what a client sends for a token.

use super::client_authentication::{DynClientAuthentication, PublicClient};
use super::scopes::Scopes;
use crate::prelude::*;
use crate::retry::Repetition;
use crate::token::Secret;

/// The part of a token request besides the client's id and the scopes.
pub struct Grant<'a> {
    /// The form's fields, `grant_type` among them. All of them count as secret: a message never repeats one
    /// that a server echoes.
    pub fields: Vec<(&'static str, Secret)>,
    /// How the client authenticates.
    pub authentication: &'a dyn DynClientAuthentication,
    /// The `scope` parameter.
    pub scopes: Scopes,
    /// Further headers.
    pub headers: Vec<(&'static str, Secret)>,
    /// Whether the request may go to a regional endpoint. Those serve applications alone, no users.
    pub is_regional: bool,
    /// Whether the request may be sent again.
    pub repetition: Repetition,
}

impl<'a> Grant<'a> {
    /// A grant that is empty but for its authentication.
    pub fn authenticated_by(authentication: &'a dyn DynClientAuthentication) -> Self {
        let (fields, headers) = (Vec::new(), Vec::new());
        let (scopes, repetition) = (Scopes::Requested, Repetition::Always);
        Self { fields, authentication, scopes, headers, is_regional: false, repetition }
    }

    /// The grant of a refresh token from a cache of Microsoft's tools (RFC 6749, section 6). `account` is its
    /// `home_account_id` as the Azure CLI sends it, with the scopes that keep a login alive; `None`: neither.
    ///
    /// A refresh token is valid for every resource and every tenant of the user. It stays valid after use, so
    /// a new one need not be kept.
    pub fn refresh_token(account: Option<&str>, refresh_token: Secret) -> Grant<'static> {
        // Routes the request to the region of the account (MSAL). A home_account_id is `uid.utid`.
        let mailbox = account.and_then(|account| account.split_once('.'));
        let mailbox = mailbox.map(|(uid, utid)| ("x-anchormailbox", format!("Oid:{uid}@{utid}").into()));
        Grant {
            fields: vec![
                ("grant_type", "refresh_token".into()),
                ("client_info", "1".into()),
                ("refresh_token", refresh_token),
            ],
            scopes: if account.is_some() { Scopes::WithOfflineAccess } else { Scopes::Requested },
            headers: mailbox.into_iter().collect(),
            ..Grant::authenticated_by(&PublicClient)
        }
    }
}
