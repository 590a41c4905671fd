//! The arguments of the component's functions as values. The component takes most of them as resources, which
//! [`Functions`](crate::functions::Functions) creates.

#![expect(missing_docs, reason = "wit/0.2/credentials documents the options")]

use wasmtime::component::ResourceAny;

/// `client-options`.
#[derive(Clone, Debug, Default)]
pub struct ClientOptions {
    pub authority: Option<String>,
    pub additionally_allowed_tenants: Vec<String>,
    pub disable_instance_discovery: Option<bool>,
    pub region: Option<String>,
}

/// An app registration and the settings of its requests.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub tenant_id: String,
    pub client_id: String,
    pub options: ClientOptions,
}

/// `certificate`.
#[derive(Clone, Debug, Default)]
pub struct Certificate {
    pub data: Vec<u8>,
    pub password: Option<String>,
    pub send_chain: bool,
}

/// `assertion`.
#[derive(Clone, Debug)]
pub enum Assertion {
    Text(String),
    File(String),
    /// The token of a credential, for a scope.
    Credential(ResourceAny, Option<String>),
}

/// `client-authentication`.
#[derive(Clone, Debug)]
pub enum ClientAuthentication {
    Secret(String),
    Certificate(Certificate),
    Assertion(Assertion),
}

/// `workload-identity-options`.
#[derive(Clone, Debug, Default)]
pub struct WorkloadIdentityOptions {
    pub tenant_id: Option<String>,
    pub client_id: Option<String>,
    pub token_file_path: Option<String>,
    pub client: ClientOptions,
}

/// `managed-identity-options`.
#[derive(Clone, Debug, Default)]
pub struct ManagedIdentityOptions {
    pub client_id: Option<String>,
    pub object_id: Option<String>,
    pub resource_id: Option<String>,
}

/// `developer-tool-options`.
#[derive(Clone, Debug, Default)]
pub struct DeveloperToolOptions {
    pub tenant_id: Option<String>,
    pub subscription: Option<String>,
    pub additionally_allowed_tenants: Vec<String>,
}

/// `default-chain-options`.
#[derive(Clone, Debug, Default)]
pub struct DefaultChainOptions {
    pub exclude: Vec<String>,
    pub managed_identity: ManagedIdentityOptions,
    pub client: ClientOptions,
}

/// `chain-options`.
#[derive(Clone, Debug, Default)]
pub struct ChainOptions {
    pub retry_sources: bool,
}

/// `sign-in-options`.
#[derive(Clone, Debug, Default)]
pub struct SignInOptions {
    pub claims: Option<String>,
    pub enable_cae: bool,
    pub login_hint: Option<String>,
    pub domain_hint: Option<String>,
    pub prompt: Option<String>,
    pub authentication_record: Option<String>,
}

/// The app that a user signs in to.
#[derive(Clone, Debug)]
pub struct App {
    pub client: Client,
    pub authentication: Option<ClientAuthentication>,
    pub redirect_uri: String,
}

/// `shared-token-cache-options`.
#[derive(Clone, Debug, Default)]
pub struct SharedTokenCacheOptions {
    pub username: Option<String>,
    pub tenant_id: Option<String>,
    pub authentication_record: Option<String>,
    pub client: ClientOptions,
}
