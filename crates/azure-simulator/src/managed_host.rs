//! What the hosts with managed identities of their own share: App Service, Azure Arc, Azure ML, Cloud
//! Shell, Service Fabric. The identities are those of the virtual machine's table.

use http::Uri;
use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, duplicate, scheme};
use super::entra::token::{AccessToken, Holder, MANAGED_IDENTITY};
use super::imds::identity::Identity;
use super::reply::Reply;
use super::resources::{self, Resource};
use super::settings::Tenant;
use super::state::State;

/// What the hosts hand to their programs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ManagedHosts {
    /// What `IDENTITY_HEADER` and `MSI_SECRET` must hold.
    pub header: String,
    /// The file that Azure Arc's challenge names.
    pub arc_key_file: String,
    /// The key in that file, without the line's end.
    pub arc_key: String,
    /// Whether Azure Arc's agent knows user-assigned identities; older ones ignore the id and answer for
    /// the machine's own.
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

impl ManagedHosts {
    /// Its secrets, as (what it is, the secret).
    pub fn secrets(&self) -> Vec<(String, String)> {
        vec![
            ("the host's header".to_owned(), self.header.clone()),
            ("the agent's key".to_owned(), self.arc_key.clone()),
        ]
    }
}

/// The token of one identity for one resource, and what stands beside it in most answers.
pub struct Issued {
    /// The signed token.
    pub token: String,
    /// When it ends, in unix seconds.
    pub expires_on: u64,
    /// How long it lives, in seconds.
    pub lifetime: u64,
    /// What the journal says.
    pub note: String,
}

/// Issues a token to `identity`; `None`: there is no such resource.
pub fn issue(state: &State, identity: &Identity, name: &str) -> Option<Issued> {
    let tenant = tenant(state)?;
    let resource = resources::find(&state.settings, tenant, name)?;
    let token = sign(state, identity, tenant, &resource);
    let lifetime = state.settings.lifetimes.managed_identity;
    let note = format!("token for {name} as {}", identity.client_id);
    Some(Issued { token, expires_on: state.now() + lifetime, lifetime, note })
}

/// Whether `uri` is one of these addresses, scheme and authority.
pub fn lives_at(uri: &Uri, homes: &[&str]) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    homes.contains(&format!("{}://{authority}", scheme(uri)).as_str())
}

/// What is wrong with the parameters: one that is unknown, one that comes twice, two that name an
/// identity.
pub fn wrong_parameters(call: &Call, known: &[&str], ids: &[&str]) -> Option<String> {
    let is_known = |name: &str| known.contains(&name) || ids.contains(&name);
    if let Some((name, _)) = call.query.iter().find(|(name, _)| !is_known(name)) {
        return Some(format!("The parameter '{name}' is not supported"));
    }
    if let Some(name) = duplicate(&call.query) {
        return Some(format!("The parameter '{name}' is given more than once"));
    }
    let given = ids.iter().filter(|name| call.parameter(name).is_some()).count();
    (given > 1).then(|| "Only one identity can be named".to_owned())
}

/// A reply on which the test fails if the path is another than the host's.
pub fn expected_at(call: &Call, path: &str, reply: Reply) -> Reply {
    if call.path().trim_end_matches('/').eq_ignore_ascii_case(path) { reply } else { reply.unexpected() }
}

/// A refusal, whose journal entry is its message.
pub fn refusal(status: u16, body: &Value, message: &str) -> Reply {
    Reply::json(status, body, message)
}

/// The tenant of the host's identities.
pub fn tenant(state: &State) -> Option<&Tenant> {
    state.settings.tenant(state.settings.virtual_machine.tenant.as_deref())
}

fn sign(state: &State, identity: &Identity, tenant: &Tenant, resource: &Resource) -> String {
    let token = AccessToken {
        tenant,
        cloud: tenant.cloud,
        resource,
        client_id: &identity.client_id,
        oid: &identity.object_id,
        holder: Holder::ManagedIdentity { resource_id: &identity.resource_id },
        authenticated_by: MANAGED_IDENTITY,
        lifetime: state.settings.lifetimes.managed_identity,
        cp1: false,
    };
    token.issue(state)
}
