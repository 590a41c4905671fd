//! The claims of access tokens and id tokens.
//!
//! After "Access token claims reference" and "ID token claims reference".

use serde_json::{Map, Value, json};

use crate::cloud::Cloud;
use crate::resources::Resource;
use crate::settings::{Tenant, TokenVersion, User};
use crate::state::State;

/// How a client authenticated, as the claim `appidacr` reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appidacr {
    /// A public client.
    PublicClient,
    /// A client secret.
    ClientSecret,
    /// A certificate or another assertion; that of a managed identity, too.
    ClientAssertion,
}

impl Appidacr {
    fn as_str(self) -> &'static str {
        match self {
            Appidacr::PublicClient => "0",
            Appidacr::ClientSecret => "1",
            Appidacr::ClientAssertion => "2",
        }
    }
}

/// An access token before it is signed.
pub struct AccessToken<'a> {
    /// The tenant that issues the token.
    pub tenant: &'a Tenant,
    /// The cloud of the host that issues the token.
    pub cloud: Cloud,
    /// The resource that the token is for.
    pub resource: &'a Resource,
    /// The client that the token is issued to.
    pub client_id: &'a str,
    /// The object id of the subject.
    pub oid: &'a str,
    /// The subject.
    pub subject: Subject<'a>,
    /// How the client authenticated.
    pub appidacr: Appidacr,
    /// The lifetime, in seconds.
    pub lifetime: u64,
    /// Whether the client supports claims challenges.
    pub cp1: bool,
}

/// The subject of an access token.
pub enum Subject<'a> {
    /// An application.
    Application {
        /// The application roles.
        roles: &'a [String],
    },
    /// A managed identity.
    ManagedIdentity {
        /// The Azure resource id.
        resource_id: &'a str,
    },
    /// A user.
    User {
        /// The user.
        user: &'a User,
        /// The delegated permissions without the resource, separated by spaces.
        permissions: String,
    },
}

impl AccessToken<'_> {
    /// Signs the token and adds it to the secrets.
    pub fn issue(&self, state: &State) -> String {
        let now = state.now();
        let mut claims = json!({
            "aud": self.resource.audience,
            "iss": self.issuer(),
            "iat": now.saturating_sub(BACKDATE),
            "nbf": now.saturating_sub(BACKDATE),
            "exp": now.saturating_add(self.lifetime),
            "oid": self.oid,
            "tid": self.tenant.id,
            "uti": state.new_id(),
        });
        let whole = claims.as_object_mut().expect("it was just written as an object");
        whole.extend(self.client_claims());
        whole.extend(self.subject.claims(self.oid, self.resource.version));
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
        let (id, acr) = (self.client_id, self.appidacr.as_str());
        object(match self.resource.version {
            TokenVersion::V1 => {
                json!({ "ver": "1.0", "appid": id, "appidacr": acr, "idp": self.cloud.v1_issuer(&self.tenant.id) })
            }
            TokenVersion::V2 => json!({ "ver": "2.0", "azp": id, "azpacr": acr }),
        })
    }
}

impl Subject<'_> {
    fn claims(&self, oid: &str, version: TokenVersion) -> Map<String, Value> {
        match self {
            Subject::Application { roles: [] } => object(json!({ "idtyp": "app", "sub": oid })),
            Subject::Application { roles } => object(json!({ "idtyp": "app", "sub": oid, "roles": roles })),
            Subject::ManagedIdentity { resource_id } => {
                object(json!({ "idtyp": "app", "sub": oid, "xms_mirid": resource_id }))
            }
            Subject::User { user, permissions } => {
                let name = if version == TokenVersion::V1 { "unique_name" } else { "preferred_username" };
                object(
                    json!({ "idtyp": "user", "sub": pairwise_subject(user), "scp": permissions, name: user.username }),
                )
            }
        }
    }
}

/// Signs an id token for `client_id` about `user`, and adds it to the secrets.
pub fn issue_id_token(state: &State, cloud: Cloud, tenant: &Tenant, client_id: &str, user: &User) -> String {
    let now = state.now();
    let claims = json!({
        "aud": client_id,
        "iss": cloud.v2_issuer(&tenant.id),
        "iat": now.saturating_sub(BACKDATE),
        "nbf": now.saturating_sub(BACKDATE),
        "exp": now.saturating_add(3600),
        "name": user.username,
        "oid": user.oid,
        "preferred_username": user.username,
        "sub": pairwise_subject(user),
        "tid": tenant.id,
        "uti": state.new_id(),
        "ver": "2.0",
    });
    state.issue_token(&format!("id token of {}", user.username), &claims)
}

/// The `sub` of a user. The real one differs between applications, which no client of the simulation depends on.
fn pairwise_subject(user: &User) -> String {
    format!("sub-{}", user.oid)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// `iat` and `nbf` of a token are five minutes before it is issued, in seconds.
const BACKDATE: u64 = 300;
