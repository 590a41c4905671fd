//! The Microsoft Entra tenants.

use serde::Deserialize;

use crate::cloud::Cloud;

/// The id of the default tenant, which Microsoft's documentation uses as its example.
pub const TENANT_ID: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

/// A tenant (directory).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tenant {
    /// The id, a GUID.
    pub id: String,
    /// The display name, which error messages contain.
    #[serde(default = "contoso")]
    pub name: String,
    /// The domain names that are accepted in place of the id.
    #[serde(default)]
    pub domains: Vec<String>,
    /// The cloud of the tenant; the hosts of other clouds do not know it.
    #[serde(default)]
    pub cloud: Cloud,
}

impl Tenant {
    /// A tenant of the public cloud with this id, a GUID, named Contoso.
    pub fn new(id: impl Into<String>) -> Tenant {
        Tenant { id: id.into(), name: contoso(), domains: Vec::new(), cloud: Cloud::Public }
    }

    /// Adds a domain name.
    pub fn with_domain(mut self, domain: impl Into<String>) -> Tenant {
        self.domains.push(domain.into());
        self
    }

    /// Sets the cloud.
    pub fn in_cloud(mut self, cloud: Cloud) -> Tenant {
        self.cloud = cloud;
        self
    }

    /// The default tenant, `contoso.com`.
    pub fn example() -> Tenant {
        Tenant::new(TENANT_ID).with_domain("contoso.com").with_domain("contoso.onmicrosoft.com")
    }
}

fn contoso() -> String {
    "Contoso".into()
}
