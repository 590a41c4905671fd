//! The credential that a case constructs.

use host_tests::arguments::{
    App, Assertion, Certificate, ClientAuthentication, DefaultChainOptions, DeveloperToolOptions,
    ManagedIdentityOptions, SharedTokenCacheOptions, WorkloadIdentityOptions,
};
use host_tests::bindings::{PasswordGrant, ServiceConnection};

pub use host_tests::arguments::Client;

/// The credential to construct. The names of the variants are those of the functions.
#[expect(missing_docs, reason = "wit/0.2/credentials documents them")]
pub enum CredentialConfig {
    /// None: calls go to the interface `token-credential`.
    TokenCredential,
    AuthorizationCode(App, String),
    AzureCli(DeveloperToolOptions),
    AzurePipelines(Client, ServiceConnection),
    Chain(Vec<CredentialConfig>),
    ClientAssertion(Client, Assertion),
    ClientCertificate(Client, Certificate),
    ClientSecret(Client, String),
    DefaultChain(DefaultChainOptions),
    DeviceCode(Client),
    Environment,
    ManagedIdentity(ManagedIdentityOptions),
    OnBehalfOf(Client, ClientAuthentication, String),
    SharedTokenCache(SharedTokenCacheOptions),
    UsernamePassword(Client, PasswordGrant),
    WorkloadIdentity(WorkloadIdentityOptions),
}

/// Why a credential cannot be expressed in WIT.
pub type Inexpressible = String;
