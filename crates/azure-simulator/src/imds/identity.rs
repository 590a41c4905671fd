//! Which of a virtual machine's identities a request means.

use crate::settings::{ManagedIdentity, VirtualMachine};

/// The client id of the system-assigned identity.
pub const SYSTEM_CLIENT_ID: &str = "55556666-ffff-7777-aaaa-8888bbbb9999";
/// The object id of the system-assigned identity.
pub const SYSTEM_OBJECT_ID: &str = "66667777-aaaa-8888-bbbb-9999cccc0000";
/// The resource id of the machine, which is also that of its system-assigned identity.
pub const SYSTEM_RESOURCE_ID: &str = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm1";

/// The identity that was chosen.
pub type Identity = ManagedIdentity;

/// The parameters that name an identity, each with what it is compared with.
pub const SELECTORS: &[(&str, Of)] = &[
    ("client_id", |identity| &identity.client_id),
    ("object_id", |identity| &identity.object_id),
    ("msi_res_id", |identity| &identity.resource_id),
];

/// One of the ids of an identity.
pub type Of = fn(&Identity) -> &String;

/// Chooses as the real service does: the identity that is named by one of `selectors`; else the machine's own; else the
/// only one there is. On failure the words that IMDS answers.
pub fn choose(
    machine: &VirtualMachine,
    selectors: &[(&str, Of)],
    query: &[(String, String)],
) -> Result<Identity, &'static str> {
    let own = machine.system_assigned.then(system_assigned);
    let named = query.iter().find_map(|(name, value)| {
        let (_, id) = selectors.iter().find(|(selector, _)| selector == name)?;
        Some((id, value))
    });
    if let Some((id, value)) = named {
        let mut all = own.iter().chain(&machine.user_assigned);
        return all.find(|it| id(it).eq_ignore_ascii_case(value)).cloned().ok_or(NOT_FOUND);
    }
    match (own, machine.user_assigned.as_slice()) {
        (Some(own), _) => Ok(own),
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err(NOT_FOUND),
        (None, _) => {
            Err("Multiple user assigned identities exist, please specify the clientId / resourceId of the \
                          identity in the token request")
        }
    }
}

fn system_assigned() -> Identity {
    Identity {
        client_id: SYSTEM_CLIENT_ID.into(),
        object_id: SYSTEM_OBJECT_ID.into(),
        resource_id: SYSTEM_RESOURCE_ID.into(),
    }
}

const NOT_FOUND: &str = "Identity not found";
