//! The credential that a case constructs.

use host_tests::bindings::credentials::{
    Assertion, AuthorizationCodeOptions, AzureCliOptions, Certificate, ClientAuthentication, ClientOptions,
    DefaultChainOptions, SharedTokenCacheOptions, UserAssigned, WorkloadIdentityOptions,
};

/// The credential to construct. The names of the variants are those of the functions.
#[expect(missing_docs, reason = "wit/0.2/credentials.wit documents them")]
pub enum CredentialConfig {
    /// None: calls go to the interface `token-credential`.
    TokenCredential,
    AuthorizationCode(AuthorizationCodeOptions, String),
    AzureCli(AzureCliOptions),
    AzurePipelines(Client, String, String),
    Chain(Vec<CredentialConfig>),
    ClientAssertion(Client, Assertion),
    ClientCertificate(Client, Certificate),
    ClientSecret(Client, String),
    DefaultChain(DefaultChainOptions),
    DeviceCode(Client),
    Environment,
    ManagedIdentity(Option<UserAssigned>),
    OnBehalfOf(Client, ClientAuthentication, String),
    SharedTokenCache(SharedTokenCacheOptions),
    UsernamePassword(Client, String, String),
    WorkloadIdentity(WorkloadIdentityOptions),
}

/// The options that all clients of Microsoft Entra share.
pub struct Client {
    /// The tenant.
    pub tenant_id: String,
    /// The client.
    pub client_id: String,
    /// The other options.
    pub options: ClientOptions,
}

/// Why a credential cannot be expressed in WIT.
pub type Inexpressible = String;
