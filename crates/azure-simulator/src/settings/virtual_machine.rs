//! The virtual machine, its managed identities, and what is at the address of its metadata service.

use serde::Deserialize;

/// The client id of the system-assigned identity.
pub const SYSTEM_CLIENT_ID: &str = "55556666-ffff-7777-aaaa-8888bbbb9999";
/// The object id of the system-assigned identity.
pub const SYSTEM_OBJECT_ID: &str = "66667777-aaaa-8888-bbbb-9999cccc0000";
/// The resource id of the machine, which is also that of its system-assigned identity.
pub const SYSTEM_RESOURCE_ID: &str = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm1";

/// A virtual machine. The other hosts with an identity endpoint have the same identities.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct VirtualMachine {
    /// The id of the tenant of its identities; `None`: the first tenant.
    pub tenant: Option<String>,
    /// Whether it has a system-assigned identity.
    pub system_assigned: bool,
    /// The user-assigned identities.
    pub user_assigned: Vec<ManagedIdentity>,
}

/// A managed identity.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ManagedIdentity {
    /// The client id.
    pub client_id: String,
    /// The object id (also called principal id).
    pub object_id: String,
    /// The Azure resource id, `/subscriptions/…`.
    pub resource_id: String,
}

/// What is at 169.254.169.254.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// The Azure Instance Metadata Service (IMDS).
    #[default]
    Azure,
    /// A host whose policy denies requests to the address.
    Denied,
    /// Docker Desktop, which sends a response of its own for networks that it cannot reach.
    DockerDesktop,
    /// The metadata service of another cloud, which has no such path.
    OtherCloud,
    /// A proxy or captive portal, which responds to every request with a web page.
    Portal,
    /// A machine that refuses connections to the port.
    Refused,
    /// A machine that accepts connections and never responds.
    Silent,
    /// Nothing; connection attempts time out.
    Unroutable,
}

impl Default for VirtualMachine {
    fn default() -> VirtualMachine {
        let user_assigned = ManagedIdentity {
            client_id: "11112222-bbbb-3333-cccc-4444dddd5555".into(),
            object_id: "22223333-cccc-4444-dddd-5555eeee6666".into(),
            resource_id: "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/rg1/providers/\
                          Microsoft.ManagedIdentity/userAssignedIdentities/id1"
                .into(),
        };
        VirtualMachine { tenant: None, system_assigned: true, user_assigned: vec![user_assigned] }
    }
}

impl ManagedIdentity {
    /// A user-assigned identity.
    pub fn new(
        client_id: impl Into<String>,
        object_id: impl Into<String>,
        resource_id: impl Into<String>,
    ) -> ManagedIdentity {
        ManagedIdentity {
            client_id: client_id.into(),
            object_id: object_id.into(),
            resource_id: resource_id.into(),
        }
    }

    /// The system-assigned identity.
    pub fn system_assigned() -> ManagedIdentity {
        ManagedIdentity {
            client_id: SYSTEM_CLIENT_ID.into(),
            object_id: SYSTEM_OBJECT_ID.into(),
            resource_id: SYSTEM_RESOURCE_ID.into(),
        }
    }
}
