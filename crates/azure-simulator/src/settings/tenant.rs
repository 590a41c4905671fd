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
    /// The default tenant, `contoso.com`.
    pub fn example() -> Tenant {
        Tenant {
            id: TENANT_ID.into(),
            name: contoso(),
            domains: vec!["contoso.com".into(), "contoso.onmicrosoft.com".into()],
            cloud: Cloud::Public,
        }
    }
}

fn contoso() -> String {
    "Contoso".into()
}
