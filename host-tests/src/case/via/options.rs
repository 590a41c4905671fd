//! The records and variants that arguments are made of.

use super::{Made, Via};
use crate::bindings::credentials as wit;
use crate::case::File;
use crate::guest::Guest;
use anyhow::{Context, Result, ensure};
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

/// `certificate`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Certificate {
    data: File,
    password: Option<String>,
    #[serde(default)]
    send_chain: bool,
}

/// `assertion`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Assertion {
    /// The assertion itself.
    Text(String),
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

/// `client-authentication`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ClientAuthentication {
    /// By a secret.
    Secret(String),
    /// By a certificate.
    Certificate(Certificate),
    /// By an assertion.
    Assertion(Assertion),
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

impl Certificate {
    /// As WIT has it.
    ///
    /// # Errors
    /// When there is no such file in `fixtures/`.
    pub fn into_wit(self) -> Result<wit::Certificate> {
        let (_, data) = self.data.read("")?.pop().context("a certificate is a file, not an empty folder")?;
        Ok(wit::Certificate { data, password: self.password, send_chain: self.send_chain })
    }
}

impl Assertion {
    /// As WIT has it. The credential behind a federated one is made.
    pub async fn into_wit(self, guest: &mut Guest) -> Made<wit::Assertion> {
        let Federated { credential, scope } = match self {
            Self::Text(text) => return Ok(Ok(wit::Assertion::Text(text))),
            Self::File(path) => return Ok(Ok(wit::Assertion::File(path))),
            Self::Federated(federated) => federated,
        };
        let made = credential.make_member(guest).await?;
        Ok(made.map(|credential| wit::Assertion::Federated(wit::FederatedAssertion { credential, scope })))
    }
}

impl ClientAuthentication {
    /// As WIT has it. The credential behind a federated assertion is made.
    pub async fn into_wit(self, guest: &mut Guest) -> Made<wit::ClientAuthentication> {
        match self {
            Self::Secret(secret) => Ok(Ok(wit::ClientAuthentication::Secret(secret))),
            Self::Certificate(certificate) => {
                Ok(Ok(wit::ClientAuthentication::Certificate(certificate.into_wit()?)))
            }
            Self::Assertion(assertion) => {
                Ok(assertion.into_wit(guest).await?.map(wit::ClientAuthentication::Assertion))
            }
        }
    }
}
