//! The records and variants that arguments are made of.

use super::{Made, Via};
use crate::bindings::credentials as wit;
use crate::case::signed::Signed;
use crate::guest::Guest;
use anyhow::{Result, ensure};
use serde::Deserialize;

/// `client-options`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    authority: Option<String>,
    additionally_allowed_tenants: Vec<String>,
    disable_instance_discovery: bool,
    region: Option<String>,
}

/// Which managed identity; without an id, the system-assigned one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Identity {
    client_id: Option<String>,
    object_id: Option<String>,
    resource_id: Option<String>,
}

/// `assertion`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Assertion {
    /// The assertion itself.
    Text(String),
    /// One that is signed for the case.
    Signed(Signed),
    /// The path of a file with it.
    File(String),
    /// Another credential's token.
    Federated(Federated),
}

/// `federated-assertion`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Federated {
    credential: Box<Via>,
    scope: Option<String>,
}

impl Options {
    /// As WIT has it.
    pub fn into_wit(self) -> wit::ClientOptions {
        wit::ClientOptions {
            authority: self.authority,
            additionally_allowed_tenants: self.additionally_allowed_tenants,
            disable_instance_discovery: self.disable_instance_discovery,
            region: self.region,
        }
    }
}

impl Identity {
    /// As WIT has it; `None` is the system-assigned one.
    ///
    /// # Errors
    /// When there is more than one id.
    pub fn into_wit(self) -> Result<Option<wit::UserAssigned>> {
        let ids = [
            self.client_id.map(wit::UserAssigned::ClientId),
            self.object_id.map(wit::UserAssigned::ObjectId),
            self.resource_id.map(wit::UserAssigned::ResourceId),
        ];
        let mut ids = ids.into_iter().flatten();
        let id = ids.next();
        ensure!(ids.next().is_none(), "a managed identity has one id, not several");
        Ok(id)
    }
}

impl Assertion {
    /// As WIT has it. The credential behind a federated one is made.
    pub async fn into_wit(self, guest: &mut Guest) -> Made<wit::Assertion> {
        let Federated { credential, scope } = match self {
            Self::Text(text) => return Ok(Ok(wit::Assertion::Text(text))),
            Self::Signed(signed) => return Ok(Ok(wit::Assertion::Text(signed.sign()))),
            Self::File(path) => return Ok(Ok(wit::Assertion::File(path))),
            Self::Federated(federated) => federated,
        };
        let made = credential.make_member(guest).await?;
        Ok(made.map(|credential| wit::Assertion::Federated(wit::FederatedAssertion { credential, scope })))
    }
}
