//! What the hosts with an identity endpoint of their own require of a request: App Service, Azure Arc, Azure Machine
//! Learning, Service Fabric.

use serde::Deserialize;

/// The secrets and properties of the identity endpoints.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ManagedHosts {
    /// The value of `IDENTITY_HEADER` and `MSI_SECRET`.
    pub header: String,
    /// The path of the key file that Azure Arc's challenge names.
    pub arc_key_file: String,
    /// The content of that file without the final line break.
    pub arc_key: String,
    /// Whether the Azure Arc agent supports user-assigned identities; an older one ignores the id in a request and
    /// returns a token of the machine's own identity.
    pub arc_user_assigned: bool,
}

impl Default for ManagedHosts {
    fn default() -> ManagedHosts {
        ManagedHosts {
            header: "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a".into(),
            arc_key_file: "/var/opt/azcmagent/tokens/12b1a0e6.key".into(),
            arc_key: "QXJjIGtleSBvZiB0aGUgdGVzdHM-7f3a".into(),
            arc_user_assigned: true,
        }
    }
}
