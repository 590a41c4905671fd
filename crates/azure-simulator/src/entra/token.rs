//! The access tokens and id tokens that the simulated Azure issues.
//!
//! After "Access token claims reference" and "ID token claims reference".

use serde_json::{Map, Value, json};

use super::cloud::Cloud;
use crate::resources::Resource;
use crate::settings::{Tenant, TokenVersion, User};
use crate::state::State;

/// `appidacr` of a client without a credential.
pub const PUBLIC_CLIENT: &str = "0";
/// `appidacr` of a client with a secret.
pub const CLIENT_SECRET: &str = "1";
/// `appidacr` of a client with a certificate or another assertion.
pub const CLIENT_ASSERTION: &str = "2";
/// `appidacr` of a managed identity: behind it stands a certificate.
pub const MANAGED_IDENTITY: &str = "2";

/// An access token before it is signed.
pub struct AccessToken<'a> {
    /// The tenant that issues it.
    pub tenant: &'a Tenant,
    /// The cloud that tenant lives in.
    pub cloud: Cloud,
    /// What it is good for.
    pub resource: &'a Resource,
    /// The client it is issued to.
    pub client_id: &'a str,
    /// The object id of its holder.
    pub oid: &'a str,
    /// Who the holder is.
    pub holder: Holder<'a>,
    /// How the client proved itself: one of the constants above.
    pub authenticated_by: &'static str,
    /// How many seconds it lives.
    pub lifetime: u64,
    /// Whether the client can answer a claims challenge.
    pub cp1: bool,
}

/// Whose token it is.
pub enum Holder<'a> {
    /// An application with these roles.
    Application {
        /// The roles.
        roles: &'a [String],
    },
    /// A managed identity.
    ManagedIdentity {
        /// Its Azure resource id.
        resource_id: &'a str,
    },
    /// A user who granted these permissions.
    User {
        /// The user.
        user: &'a User,
        /// The permissions, without the resource, separated by spaces.
        permissions: String,
    },
}

impl AccessToken<'_> {
    /// Signs the token. It is remembered as one of [`Azure::secrets`](crate::Azure::secrets).
    pub fn issue(&self, state: &State) -> String {
        let now = state.now();
        let mut claims = json!({
            "aud": self.resource.audience,
            "iss": self.issuer(),
            "iat": now.saturating_sub(SKEW),
            "nbf": now.saturating_sub(SKEW),
            "exp": now.saturating_add(self.lifetime),
            "oid": self.oid,
            "tid": self.tenant.id,
            "uti": state.new_id(),
        });
        let whole = claims.as_object_mut().expect("it was just written as an object");
        whole.extend(self.client_claims());
        whole.extend(self.holder.claims(self.oid, self.resource.version));
        if self.cp1 {
            whole.insert("xms_cc".into(), json!(["CP1"]));
        }
        state.issue_token(
            &format!("access token for {} of {}", self.resource.audience, self.client_id),
            &claims,
        )
    }

    fn issuer(&self) -> String {
        match self.resource.version {
            TokenVersion::V1 => self.cloud.v1_issuer(&self.tenant.id),
            TokenVersion::V2 => self.cloud.v2_issuer(&self.tenant.id),
        }
    }

    fn client_claims(&self) -> Map<String, Value> {
        let (id, acr) = (self.client_id, self.authenticated_by);
        object(match self.resource.version {
            TokenVersion::V1 => {
                json!({ "ver": "1.0", "appid": id, "appidacr": acr, "idp": self.cloud.v1_issuer(&self.tenant.id) })
            }
            TokenVersion::V2 => json!({ "ver": "2.0", "azp": id, "azpacr": acr }),
        })
    }
}

impl Holder<'_> {
    fn claims(&self, oid: &str, version: TokenVersion) -> Map<String, Value> {
        match self {
            Holder::Application { roles: [] } => object(json!({ "idtyp": "app", "sub": oid })),
            Holder::Application { roles } => object(json!({ "idtyp": "app", "sub": oid, "roles": roles })),
            Holder::ManagedIdentity { resource_id } => {
                object(json!({ "idtyp": "app", "sub": oid, "xms_mirid": resource_id }))
            }
            Holder::User { user, permissions } => {
                let name = if version == TokenVersion::V1 { "unique_name" } else { "preferred_username" };
                object(
                    json!({ "idtyp": "user", "sub": subject(user), "scp": permissions, name: user.username }),
                )
            }
        }
    }
}

/// Signs an id token: it tells `client_id` who the user is.
pub fn issue_id_token(state: &State, cloud: Cloud, tenant: &Tenant, client_id: &str, user: &User) -> String {
    let now = state.now();
    let claims = json!({
        "aud": client_id,
        "iss": cloud.v2_issuer(&tenant.id),
        "iat": now.saturating_sub(SKEW),
        "nbf": now.saturating_sub(SKEW),
        "exp": now.saturating_add(3600),
        "name": user.username,
        "oid": user.oid,
        "preferred_username": user.username,
        "sub": subject(user),
        "tid": tenant.id,
        "uti": state.new_id(),
        "ver": "2.0",
    });
    state.issue_token(&format!("id token of {}", user.username), &claims)
}

/// A user's `sub` is another one for each application; nobody here compares them, so one will do.
fn subject(user: &User) -> String {
    format!("sub-{}", user.oid)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Real tokens are valid from five minutes before they are issued, for clocks that are slow.
const SKEW: u64 = 300;
