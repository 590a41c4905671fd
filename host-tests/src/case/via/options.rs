//! The records that several credentials take as arguments.

use crate::bindings::credentials as wit;
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

/// A managed identity; without an id, the system-assigned one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Identity {
    client_id: Option<String>,
    object_id: Option<String>,
    resource_id: Option<String>,
}

impl Options {
    /// The record of `wit/0.2/credentials.wit`.
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
    /// The variant of `wit/0.2/credentials.wit`; `None` is the system-assigned identity.
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
