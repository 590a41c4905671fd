//! The options that several credentials take as arguments.

use crate::arguments;
use serde::Deserialize;

/// `client-options`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    authority: Option<String>,
    additionally_allowed_tenants: Vec<String>,
    disable_instance_discovery: Option<bool>,
    region: Option<String>,
}

/// `managed-identity-options`; without an id, the system-assigned identity.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Identity {
    client_id: Option<String>,
    object_id: Option<String>,
    resource_id: Option<String>,
}

impl Options {
    /// The argument.
    pub fn into_argument(self) -> arguments::ClientOptions {
        arguments::ClientOptions {
            authority: self.authority,
            additionally_allowed_tenants: self.additionally_allowed_tenants,
            disable_instance_discovery: self.disable_instance_discovery,
            region: self.region,
        }
    }

    /// The argument, with the ids of an app registration.
    pub fn of_client(self, tenant_id: String, client_id: String) -> arguments::Client {
        arguments::Client { tenant_id, client_id, options: self.into_argument() }
    }
}

impl Identity {
    /// The argument.
    pub fn into_argument(self) -> arguments::ManagedIdentityOptions {
        arguments::ManagedIdentityOptions {
            client_id: self.client_id,
            object_id: self.object_id,
            resource_id: self.resource_id,
        }
    }
}
