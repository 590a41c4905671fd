//! The credential that a call uses: the `via` of a case.

pub mod certificate;
pub mod clients;
pub mod interactive;
pub mod options;
pub mod users;

use crate::arguments;
use crate::bindings::CredentialError;
use crate::case::signed::Signed;
use crate::functions::CredentialResult;
use crate::guest::Guest;
use anyhow::{Context, Result};
use certificate::ClientCertificate;
use clients::{AzurePipelines, ClientSecret, WorkloadIdentity};
use options::{Identity, Options};
use serde::Deserialize;
use users::{DeveloperTool, OnBehalfOf, SharedTokenCache, UsernamePassword};

/// A credential and its arguments, under the names of `wit/0.2/credentials`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Via {
    /// The interface `token-credential`, whose credential the environment selects.
    #[default]
    TokenCredential,
    /// A user, by an authorization code that the app obtained itself.
    AuthorizationCode(interactive::AuthorizationCode),
    /// A user who signs in in a browser.
    BeginAuthorizationCode(interactive::Browser),
    /// A login of the Azure CLI.
    AzureCli(DeveloperTool),
    /// The login of the Azure Developer CLI.
    AzureDeveloperCli(DeveloperTool),
    /// A service connection of Azure Pipelines.
    AzurePipelines(AzurePipelines),
    /// Several credentials, tried in order.
    Chain(Chain),
    /// A service principal with an assertion.
    ClientAssertion(ClientAssertion),
    /// A service principal with a certificate.
    ClientCertificate(ClientCertificate),
    /// A service principal with a secret.
    ClientSecret(ClientSecret),
    /// The default chain.
    DefaultChain(DefaultChain),
    /// A user who signs in on another device.
    BeginDeviceCode(interactive::Device),
    /// The credential that environment variables describe.
    Environment(Options),
    /// A managed identity; without an id, the system-assigned one.
    ManagedIdentity(Identity),
    /// A service on behalf of a user.
    OnBehalfOf(OnBehalfOf),
    /// An account of the cache that Microsoft's developer tools share.
    SharedTokenCache(SharedTokenCache),
    /// A user by name and password.
    UsernamePassword(UsernamePassword),
    /// A federated token in a file.
    WorkloadIdentity(WorkloadIdentity),
}

/// Arguments of `default-chain`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DefaultChain {
    exclude: Vec<String>,
    managed_identity: Identity,
    client: Options,
}

/// Arguments of `chain`: the members alone, or with options.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Chain {
    /// The members.
    Members(Vec<Via>),
    /// The members, and the options.
    WithOptions(ChainWithOptions),
}

/// A chain with options.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChainWithOptions {
    members: Vec<Via>,
    retry_sources: bool,
}

/// Arguments of `client-assertion`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientAssertion {
    tenant_id: String,
    client_id: String,
    assertion: Assertion,
    #[serde(default)]
    options: Options,
}

/// `assertion`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Assertion {
    /// The assertion itself.
    Text(String),
    /// An assertion that is signed for the case.
    Signed(Signed),
    /// The path of a file that contains the assertion.
    File(String),
    /// The token of another credential.
    Federated(Federated),
}

/// `federated-assertion`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Federated {
    credential: Box<Via>,
    scope: Option<String>,
}

impl Via {
    /// The secrets among its arguments that no file contains: defaults, and assertions signed for the case.
    pub fn secrets(&self) -> Vec<(String, String)> {
        match self {
            Self::AuthorizationCode(arguments) => arguments.secrets(),
            Self::BeginAuthorizationCode(arguments) => arguments.secrets(),
            Self::Chain(chain) => chain.members().iter().flat_map(Self::secrets).collect(),
            Self::OnBehalfOf(arguments) => arguments.secrets(),
            Self::UsernamePassword(arguments) => arguments.secrets(),
            _ => Vec::new(),
        }
    }

    /// Creates the credential; `None`: the call uses `token-credential`, which needs none. The outer error is a
    /// trap, or a malformed case.
    pub async fn create(&self, guest: &mut Guest) -> Result<Option<CredentialResult>> {
        let created = match self.clone() {
            Self::TokenCredential => return Ok(None),
            Self::AuthorizationCode(arguments) => arguments.create(guest).await,
            Self::BeginAuthorizationCode(arguments) => arguments.create(guest).await,
            Self::AzureCli(login) => {
                let (c, store) = guest.credentials();
                Ok(c.call_azure_cli(store, &login.into_argument()).await?)
            }
            Self::AzureDeveloperCli(login) => {
                let (c, store) = guest.credentials();
                Ok(c.call_azure_developer_cli(store, &login.into_argument()).await?)
            }
            Self::AzurePipelines(arguments) => arguments.create(guest).await,
            Self::Chain(chain) => chain.create(guest).await,
            Self::ClientAssertion(arguments) => arguments.create(guest).await,
            Self::ClientCertificate(arguments) => arguments.create(guest).await,
            Self::ClientSecret(arguments) => arguments.create(guest).await,
            Self::DefaultChain(arguments) => arguments.create(guest).await,
            Self::BeginDeviceCode(arguments) => arguments.create(guest).await,
            Self::Environment(options) => {
                let (c, store) = guest.credentials();
                Ok(c.call_environment(store, &options.into_argument()).await?)
            }
            Self::ManagedIdentity(identity) => {
                let (c, store) = guest.credentials();
                Ok(c.call_managed_identity(store, &identity.into_argument()).await?)
            }
            Self::OnBehalfOf(arguments) => arguments.create(guest).await,
            Self::SharedTokenCache(arguments) => arguments.create(guest).await,
            Self::UsernamePassword(arguments) => arguments.create(guest).await,
            Self::WorkloadIdentity(arguments) => arguments.create(guest).await,
        };
        created.map(Some)
    }

    /// Creates a credential that is part of another one.
    async fn create_member(&self, guest: &mut Guest) -> Result<CredentialResult> {
        // Boxed, because a member may have members itself.
        let created = Box::pin(self.create(guest)).await?;
        created.context("token-credential cannot be part of another credential")
    }
}

impl Chain {
    fn members(&self) -> &[Via] {
        match self {
            Self::Members(members) => members,
            Self::WithOptions(chain) => &chain.members,
        }
    }

    async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let mut created = Vec::new();
        for member in self.members() {
            match member.create_member(guest).await? {
                Ok(credential) => created.push(credential),
                Err(error) => return Ok(Err(error)),
            }
        }
        let retry_sources = matches!(&self, Self::WithOptions(chain) if chain.retry_sources);
        let (c, store) = guest.credentials();
        Ok(c.call_chain(store, &created, &arguments::ChainOptions { retry_sources }).await?)
    }
}

impl DefaultChain {
    async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let options = arguments::DefaultChainOptions {
            exclude: self.exclude,
            managed_identity: self.managed_identity.into_argument(),
            client: self.client.into_argument(),
        };
        let (c, store) = guest.credentials();
        Ok(c.call_default_chain(store, &options).await?)
    }
}

impl ClientAssertion {
    async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let client = self.options.of_client(self.tenant_id, self.client_id);
        let assertion = match self.assertion.into_argument(guest).await? {
            Ok(assertion) => assertion,
            Err(error) => return Ok(Err(error)),
        };
        let (c, store) = guest.credentials();
        Ok(c.call_client_assertion(store, &client, &assertion).await?)
    }
}

impl Assertion {
    /// The argument; the credential of a federated assertion is created.
    async fn into_argument(self, guest: &mut Guest) -> Result<Result<arguments::Assertion, CredentialError>> {
        let Federated { credential, scope } = match self {
            Self::Text(text) => return Ok(Ok(arguments::Assertion::Text(text))),
            Self::Signed(signed) => return Ok(Ok(arguments::Assertion::Text(signed.sign()))),
            Self::File(path) => return Ok(Ok(arguments::Assertion::File(path))),
            Self::Federated(federated) => federated,
        };
        let created = credential.create_member(guest).await?;
        Ok(created.map(|credential| arguments::Assertion::Credential(credential, scope)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call as a case describes it.
    #[derive(Deserialize)]
    struct Call {
        via: Via,
    }

    #[test]
    fn every_credential_can_be_described() {
        let ids = "tenant-id = 't', client-id = 'c'";
        let federated = "{ federated = { credential = { managed-identity = {} }, scope = 's' } }";
        for via in [
            "'token-credential'".to_owned(),
            "{ environment = { region = 'r' } }".to_owned(),
            "{ authorization-code = { code = 'x', code-verifier = 'v' } }".to_owned(),
            "{ begin-authorization-code = { scopes = ['s'], state = 'x' } }".to_owned(),
            "{ azure-cli = { subscription = 's' } }".to_owned(),
            format!(
                "{{ azure-pipelines = {{ {ids}, service-connection-id = 's', system-access-token = 'x' }} }}"
            ),
            "{ chain = [{ environment = {} }, { managed-identity = { client-id = 'c' } }] }".to_owned(),
            format!("{{ client-assertion = {{ {ids}, assertion = {federated} }} }}"),
            format!("{{ client-certificate = {{ {ids}, file = 'a.pem' }} }}"),
            format!("{{ client-secret = {{ {ids}, client-secret = 's', options = {{ region = 'r' }} }} }}"),
            "{ chain = { members = [{ environment = {} }], retry-sources = true } }".to_owned(),
            "{ azure-developer-cli = { tenant-id = 't' } }".to_owned(),
            "{ default-chain = { exclude = ['azure-cli'] } }".to_owned(),
            format!("{{ begin-device-code = {{ {ids}, scopes = ['s'] }} }}"),
            "{ on-behalf-of = { user-assertion = 'u' } }".to_owned(),
            "{ shared-token-cache = { username = 'u' } }".to_owned(),
            format!("{{ username-password = {{ {ids}, username = 'u', password = 'p' }} }}"),
            "{ workload-identity = { token-file-path = '/t' } }".to_owned(),
        ] {
            let read = toml::from_str::<Call>(&format!("via = {via}")).map(|call| call.via);
            assert!(read.is_ok(), "{via}: {read:?}");
        }
    }
}
