//! What the simulated Azure looks like: the tables a test case or the simulator's file may set.
//!
//! Everything has a default. A list that is given replaces the default list as a whole.

use serde::Deserialize;

mod defaults;

pub use super::azure_devops::settings::Pipelines;
use super::entra::cloud::Cloud;
pub use super::entra::federated_credential::FederatedCredential;
use super::fault::FaultSettings;
pub use super::imds::presence::Presence;
pub use super::key_vault::settings::KeyVault;
pub use super::managed_host::ManagedHosts;
use super::resources;
use defaults::{capolids, contoso};

/// The tenant there is by default; Microsoft's documentation uses the same example id.
pub const TENANT_ID: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
/// The application there is by default.
pub const CLIENT_ID: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
/// The public client there is by default.
pub const PUBLIC_CLIENT_ID: &str = "22220000-cccc-4444-dddd-5555eeee6666";
/// The application's secret: every character that an encoder may forget.
pub const CLIENT_SECRET: &str = "s3cr3t~+/=&%x";
/// Its certificate; its private key is in no file of this crate.
pub const CLIENT_CERTIFICATE: &str = include_str!("../keys/client-certificate.pem");
/// The user there is by default, signed in with the Azure CLI.
pub const USERNAME: &str = "user@contoso.com";
/// That user's password.
pub const PASSWORD: &str = "p4ss w~+/=&%rd";
/// The object id of that user.
pub const USER_OID: &str = "44445555-eeee-6666-ffff-7777aaaa8888";
/// The refresh token the Azure CLI holds for that user.
pub const REFRESH_TOKEN: &str = "1.refresh-token~of+user@contoso.com";

/// The simulated Azure as a whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// The directories. Whatever names no tenant belongs to the first.
    pub tenants: Vec<Tenant>,
    /// The registered applications. Microsoft's own public clients (Azure CLI, …) always exist.
    pub applications: Vec<Application>,
    /// The people.
    pub users: Vec<User>,
    /// What answers at 169.254.169.254.
    pub imds: Presence,
    /// The virtual machine whose metadata service that is.
    pub virtual_machine: VirtualMachine,
    /// The job of Azure Pipelines that this runs in.
    pub pipelines: Pipelines,
    /// What hosts with an identity endpoint of their own hand to their programs.
    pub managed_hosts: ManagedHosts,
    /// How long tokens live.
    pub lifetimes: Lifetimes,
    /// The resources that tokens are given for, beside the applications' own `identifier-uris`.
    pub resources: Vec<String>,
    /// The key vaults.
    pub key_vaults: Vec<KeyVault>,
    /// The resources that want more than a sign-in.
    pub challenges: Vec<Challenge>,
    /// What the users of devices do.
    pub device_code: DeviceCode,
    /// Whether a refresh token ends when it is redeemed; Microsoft's do not, those of other servers may.
    pub rotating_refresh_tokens: bool,
    /// What breaks; applied before the fakes, the first that matches.
    pub faults: Vec<FaultSettings>,
}

/// A directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tenant {
    /// Its id, a GUID.
    pub id: String,
    /// What error messages call it.
    #[serde(default = "contoso")]
    pub name: String,
    /// The domain names that may stand for the id.
    #[serde(default)]
    pub domains: Vec<String>,
    /// The cloud it lives in; at the hosts of another one it does not exist.
    #[serde(default)]
    pub cloud: Cloud,
}

/// A registered application.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Application {
    /// Its client id, a GUID.
    pub client_id: String,
    /// The object id of its service principal; by default the client id, but starting with `0b1ec700`.
    #[serde(default)]
    pub object_id: Option<String>,
    /// The id of its home tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Whether every other tenant knows it too.
    #[serde(default)]
    pub multi_tenant: bool,
    /// The secrets that are right. An application that never had any credential is a public client.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Secrets that were right once.
    #[serde(default)]
    pub expired_secrets: Vec<String>,
    /// Whose assertions stand for it.
    #[serde(default)]
    pub federated_credentials: Vec<FederatedCredential>,
    /// Its certificates, PEM.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Whether an assertion must bring its certificate's chain along.
    #[serde(default)]
    pub chain_required: bool,
    /// What tokens for this application's own API may be asked as, e.g. `api://contoso`.
    #[serde(default)]
    pub identifier_uris: Vec<String>,
    /// 1 or 2: `requestedAccessTokenVersion` of the registration, for tokens to its own API.
    #[serde(default)]
    pub token_version: TokenVersion,
    /// Where browsers may bring codes; the port of a loopback address does not count.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The application roles in its tokens.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether it shares refresh tokens with the family of Microsoft's first-party clients.
    #[serde(default)]
    pub family: bool,
}

/// The format of an access token, chosen by the resource it is for ("Access tokens in the Microsoft
/// identity platform", section "Token formats").
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(try_from = "u8")]
pub enum TokenVersion {
    /// `ver` is `1.0`, `aud` is the resource as it was asked for.
    #[default]
    V1,
    /// `ver` is `2.0`, `aud` is the resource's client id.
    V2,
}

/// A person.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct User {
    /// The user principal name.
    pub username: String,
    /// The object id in the home tenant.
    pub oid: String,
    /// The password; `None`: no password is right.
    #[serde(default)]
    pub password: Option<String>,
    /// The id of the home tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The ids of other tenants that the user is a guest of.
    #[serde(default)]
    pub guest_of: Vec<String>,
    /// The refresh tokens that clients hold for the user.
    #[serde(default)]
    pub refresh_tokens: Vec<RefreshToken>,
}

/// A refresh token.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RefreshToken {
    /// The token itself.
    pub token: String,
    /// The client it was issued to.
    pub client_id: String,
    /// Whether every client of the family may redeem it.
    #[serde(default)]
    pub family: bool,
    /// Whether it still works.
    #[serde(default)]
    pub state: RefreshTokenState,
}

/// Whether a refresh token still works.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshTokenState {
    /// It was not used for too long.
    Expired,
    /// An administrator or a changed password ended it.
    Revoked,
    /// It works.
    #[default]
    Valid,
}

/// What happens to a device that asks whether its user is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DeviceCode {
    /// How often it is told to be slower, at first.
    pub slow_down: u32,
    /// How often it is told to wait, after that.
    pub pending: u32,
    /// What the user does then.
    pub then: UserDoes,
    /// How long the codes live, in seconds.
    pub expires_in: u64,
    /// How long it shall wait between two polls, in seconds.
    pub interval: u64,
}

/// What a user does at last.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum UserDoes {
    /// Signs in.
    #[default]
    Approve,
    /// Says no.
    Decline,
    /// Never comes.
    Nothing,
}

/// A virtual machine and its managed identities.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct VirtualMachine {
    /// The id of the tenant of its identities.
    pub tenant: Option<String>,
    /// Whether it has an identity of its own.
    pub system_assigned: bool,
    /// The identities that were assigned to it.
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

/// How long tokens live, in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Lifetimes {
    /// Tokens of applications.
    pub application: u64,
    /// Tokens of users.
    pub user: u64,
    /// Tokens of managed identities.
    pub managed_identity: u64,
    /// Tokens of callers that can answer a claims challenge, whoever they are.
    pub cae: u64,
    /// After how long an answer asks to be refreshed (`refresh_in`); by default it does not say.
    pub refresh_in: Option<u64>,
}

/// A resource behind a conditional access policy: who asks for it is told `interaction_required`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Challenge {
    /// The resource, e.g. `https://vault.azure.net`.
    pub resource: String,
    /// The claims that must come with the request, JSON; the error carries them to the caller.
    #[serde(default = "capolids")]
    pub claims: String,
}
