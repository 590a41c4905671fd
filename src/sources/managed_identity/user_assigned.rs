//! User-assigned identities, and the names that managed hosts have for their ids.

use crate::error::Error;
use crate::prelude::*;

/// The id of a user-assigned identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserAssigned {
    kind: IdKind,
    id: String,
}

/// The kinds of id that an identity has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// The client id.
    Client,
    /// The object (principal) id.
    Object,
    /// The Azure resource id.
    Resource,
}

/// What a host calls each kind of id; `None`: it cannot choose an identity by that kind.
#[derive(Clone, Copy, Debug)]
pub struct IdNames {
    /// The name of client ids.
    pub client: Option<&'static str>,
    /// The name of object ids.
    pub object: Option<&'static str>,
    /// The name of resource ids.
    pub resource: Option<&'static str>,
}

impl UserAssigned {
    /// Parses the id of an identity.
    ///
    /// # Errors
    /// `invalid-argument` when it is blank or has characters that no id has.
    pub fn parse(kind: IdKind, id: String) -> Result<Self, Error> {
        // A resource id holds the name of a resource group, which may have spaces and parentheses.
        let allowed = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '(' | ')' | ' ') || !c.is_ascii()
        };
        if id.trim().is_empty() || id.len() > MAX_ID || !id.chars().all(allowed) {
            return Err(Error::invalid_argument(
                NAME,
                "the id of the user-assigned identity is blank or has characters that no id has",
            ));
        }
        Ok(Self { kind, id })
    }

    /// The kind of its id.
    pub fn kind(&self) -> IdKind {
        self.kind
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its client id; `None`: it is named by another kind of id.
    pub fn client_id(&self) -> Option<&str> {
        (self.kind == IdKind::Client).then_some(&*self.id)
    }
}

impl IdKind {
    /// What messages call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Client => "client id",
            Self::Object => "object id",
            Self::Resource => "resource id",
        }
    }
}

impl IdNames {
    /// The host's name for a kind of id.
    pub fn of(&self, kind: IdKind) -> Option<&'static str> {
        match kind {
            IdKind::Client => self.client,
            IdKind::Object => self.object,
            IdKind::Resource => self.resource,
        }
    }
}

/// The name of the source in messages.
pub const NAME: &str = "managed-identity";
const MAX_ID: usize = 1024;
