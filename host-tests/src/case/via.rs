//! The credential that a call uses: the `via` of a case.

pub mod certificate;
pub mod clients;
pub mod interactive;
pub mod options;
pub mod users;

use crate::bindings::CredentialError;
use crate::bindings::credentials as wit;
use crate::case::signed::Signed;
use crate::functions::CredentialResult;
use crate::guest::Guest;
use anyhow::{Context, Result};
use certificate::ClientCertificate;
use clients::{AzurePipelines, ClientSecret, WorkloadIdentity};
use options::{Identity, Options};
use serde::Deserialize;
use users::{AzureCli, OnBehalfOf, SharedTokenCache, UsernamePassword};

/// A credential and its arguments, under the names of `wit/0.2/credentials.wit`.
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
    AzureCli(AzureCli),
    /// A service connection of Azure Pipelines.
    AzurePipelines(AzurePipelines),
    /// Several credentials, tried in order.
    Chain(Vec<Via>),
    /// A service principal with an assertion.
    ClientAssertion(ClientAssertion),
    /// A service principal with a certificate.
    ClientCertificate(ClientCertificate),
    /// A service principal with a secret.
    ClientSecret(ClientSecret),
    /// The default chain.
    DefaultChain(DefaultChain),
    /// A user who signs in on another device.
    DeviceCode(interactive::Device),
    /// The credential that environment variables describe.
    Environment,
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
    managed_identity: Option<Identity>,
    additionally_allowed_tenants: Vec<String>,
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
            Self::Chain(members) => members.iter().flat_map(Self::secrets).collect(),
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
            Self::AzureCli(arguments) => arguments.create(guest).await,
            Self::AzurePipelines(arguments) => arguments.create(guest).await,
            Self::Chain(members) => chain(members, guest).await,
            Self::ClientAssertion(arguments) => arguments.create(guest).await,
            Self::ClientCertificate(arguments) => arguments.create(guest).await,
            Self::ClientSecret(arguments) => arguments.create(guest).await,
            Self::DefaultChain(arguments) => arguments.create(guest).await,
            Self::DeviceCode(arguments) => arguments.create(guest).await,
            Self::Environment => {
                let (c, store) = guest.credentials();
                Ok(Ok(c.call_environment(store).await?))
            }
            Self::ManagedIdentity(identity) => {
                let (c, store) = guest.credentials();
                Ok(c.call_managed_identity(store, identity.into_wit()?.as_ref()).await?)
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

async fn chain(members: Vec<Via>, guest: &mut Guest) -> Result<CredentialResult> {
    let mut created = Vec::new();
    for member in members {
        match member.create_member(guest).await? {
            Ok(credential) => created.push(credential),
            Err(error) => return Ok(Err(error)),
        }
    }
    let (c, store) = guest.credentials();
    Ok(c.call_chain(store, &created).await?)
}

impl DefaultChain {
    async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let options = wit::DefaultChainOptions {
            exclude: self.exclude,
            managed_identity: self.managed_identity.map(Identity::into_wit).transpose()?.flatten(),
            additionally_allowed_tenants: self.additionally_allowed_tenants,
        };
        let (c, store) = guest.credentials();
        Ok(c.call_default_chain(store, &options).await?)
    }
}

impl ClientAssertion {
    async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let assertion = match self.assertion.into_wit(guest).await? {
            Ok(assertion) => assertion,
            Err(error) => return Ok(Err(error)),
        };
        let (c, store) = guest.credentials();
        let options = self.options.into_wit();
        Ok(c.call_client_assertion(store, &self.tenant_id, &self.client_id, &assertion, &options).await?)
    }
}

impl Assertion {
    /// The variant of `wit/0.2/credentials.wit`; the credential of a federated assertion is created.
    async fn into_wit(self, guest: &mut Guest) -> Result<Result<wit::Assertion, CredentialError>> {
        let Federated { credential, scope } = match self {
            Self::Text(text) => return Ok(Ok(wit::Assertion::Text(text))),
            Self::Signed(signed) => return Ok(Ok(wit::Assertion::Text(signed.sign()))),
            Self::File(path) => return Ok(Ok(wit::Assertion::File(path))),
            Self::Federated(federated) => federated,
        };
        let created = credential.create_member(guest).await?;
        Ok(created.map(|credential| wit::Assertion::Federated(wit::FederatedAssertion { credential, scope })))
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
            "'environment'".to_owned(),
            "{ authorization-code = { code = 'x', code-verifier = 'v' } }".to_owned(),
            "{ begin-authorization-code = { scopes = ['s'], state = 'x' } }".to_owned(),
            "{ azure-cli = { subscription = 's' } }".to_owned(),
            format!(
                "{{ azure-pipelines = {{ {ids}, service-connection-id = 's', system-access-token = 'x' }} }}"
            ),
            "{ chain = ['environment', { managed-identity = { client-id = 'c' } }] }".to_owned(),
            format!("{{ client-assertion = {{ {ids}, assertion = {federated} }} }}"),
            format!("{{ client-certificate = {{ {ids}, file = 'a.pem' }} }}"),
            format!("{{ client-secret = {{ {ids}, client-secret = 's', options = {{ region = 'r' }} }} }}"),
            "{ default-chain = { exclude = ['azure-cli'] } }".to_owned(),
            format!("{{ device-code = {{ {ids}, scopes = ['s'] }} }}"),
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
