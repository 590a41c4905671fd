//! Which managed identity a request names.

use crate::settings::{ManagedIdentity, VirtualMachine};

/// The query parameters by which IMDS and Azure Arc select an identity.
pub const IMDS_SELECTORS: &[Selector] = &[
    ("client_id", |identity| &identity.client_id),
    ("object_id", |identity| &identity.object_id),
    ("msi_res_id", |identity| &identity.resource_id),
];

/// A query parameter, and the id of an identity that its value is compared with.
pub type Selector = (&'static str, fn(&ManagedIdentity) -> &String);

/// Selects an identity as the real services do: the one that a parameter of `selectors` names; without such a parameter
/// the system-assigned identity; without that the only user-assigned identity. The error is IMDS's message.
pub fn select(
    machine: &VirtualMachine,
    selectors: &[Selector],
    query: &[(String, String)],
) -> Result<ManagedIdentity, &'static str> {
    let system_assigned = machine.system_assigned.then(ManagedIdentity::system_assigned);
    let named = query.iter().find_map(|(name, value)| {
        let (_, id) = selectors.iter().find(|(selector, _)| selector == name)?;
        Some((id, value))
    });
    if let Some((id, value)) = named {
        let mut all = system_assigned.iter().chain(&machine.user_assigned);
        return all.find(|it| id(it).eq_ignore_ascii_case(value)).cloned().ok_or(NOT_FOUND);
    }
    match (system_assigned, machine.user_assigned.as_slice()) {
        (Some(system_assigned), _) => Ok(system_assigned),
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err(NOT_FOUND),
        (None, _) => Err(AMBIGUOUS),
    }
}

const NOT_FOUND: &str = "Identity not found";
const AMBIGUOUS: &str = "Multiple user assigned identities exist, please specify the clientId / resourceId of the \
                         identity in the token request";
