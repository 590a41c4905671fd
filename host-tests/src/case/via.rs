//! Which credential a case asks.

pub mod certificate;
pub mod clients;
pub mod options;
pub mod user;
pub mod users;

use crate::bindings::CredentialError;
use crate::bindings::credentials::DefaultChainOptions;
use crate::guest::Guest;
use anyhow::{Context, Result};
use certificate::ClientCertificate;
use clients::{AzurePipelines, ClientAssertion, ClientSecret, WorkloadIdentity};
use options::Identity;
use serde::Deserialize;
use users::{AzureCli, OnBehalfOf, SharedTokenCache, UsernamePassword};
use wasmtime::component::ResourceAny;

/// A credential and the arguments it is made with, under the names of `wit/0.2/credentials.wit`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Via {
    /// The interface that everybody imports.
    #[default]
    TokenCredential,
    /// A user, by a code that the app got by itself.
    AuthorizationCode(user::AuthorizationCode),
    /// A user who is sent to a browser and comes back.
    BeginAuthorizationCode(user::Browser),
    /// A login of the Azure CLI.
    AzureCli(AzureCli),
    /// A service connection of Azure Pipelines.
    AzurePipelines(AzurePipelines),
    /// Several, one after the other.
    Chain(Vec<Via>),
    /// A service principal with an assertion.
    ClientAssertion(ClientAssertion),
    /// A service principal with a certificate.
    ClientCertificate(ClientCertificate),
    /// A service principal with a secret.
    ClientSecret(ClientSecret),
    /// The default chain.
    DefaultChain(DefaultChain),
    /// A user on another device; waited for at once.
    DeviceCode(user::Device),
    /// What the environment describes.
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

/// What comes of making a credential, or a part of one; the outer error is a trap or a wrong case.
pub type Made<T = ResourceAny> = Result<Result<T, CredentialError>>;

impl Via {
    /// What of its arguments is secret and stands in no file: defaults, and what is signed for the case.
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

    /// Makes the credential; `None`: there is none to make, `token-credential` is asked.
    pub async fn make(&self, guest: &mut Guest) -> Result<Option<Result<ResourceAny, CredentialError>>> {
        let made = match self.clone() {
            Self::TokenCredential => return Ok(None),
            Self::AuthorizationCode(arguments) => arguments.make(guest).await,
            Self::BeginAuthorizationCode(arguments) => arguments.make(guest).await,
            Self::AzureCli(arguments) => arguments.make(guest).await,
            Self::AzurePipelines(arguments) => arguments.make(guest).await,
            Self::Chain(members) => chain(members, guest).await,
            Self::ClientAssertion(arguments) => arguments.make(guest).await,
            Self::ClientCertificate(arguments) => arguments.make(guest).await,
            Self::ClientSecret(arguments) => arguments.make(guest).await,
            Self::DefaultChain(arguments) => arguments.make(guest).await,
            Self::DeviceCode(arguments) => arguments.make(guest).await,
            Self::Environment => {
                let (c, store) = guest.credentials();
                Ok(Ok(c.call_environment(store).await?))
            }
            Self::ManagedIdentity(identity) => {
                let (c, store) = guest.credentials();
                Ok(c.call_managed_identity(store, identity.into_wit()?.as_ref()).await?)
            }
            Self::OnBehalfOf(arguments) => arguments.make(guest).await,
            Self::SharedTokenCache(arguments) => arguments.make(guest).await,
            Self::UsernamePassword(arguments) => arguments.make(guest).await,
            Self::WorkloadIdentity(arguments) => arguments.make(guest).await,
        };
        made.map(Some)
    }

    /// Makes a credential that another one is made of.
    async fn make_member(&self, guest: &mut Guest) -> Made {
        // Boxed, because a member may have members.
        let made = Box::pin(self.make(guest)).await?;
        made.context("token-credential is no credential that another one can be made of")
    }
}

async fn chain(members: Vec<Via>, guest: &mut Guest) -> Made {
    let mut made = Vec::new();
    for member in members {
        match member.make_member(guest).await? {
            Ok(credential) => made.push(credential),
            Err(error) => return Ok(Err(error)),
        }
    }
    let (c, store) = guest.credentials();
    Ok(c.call_chain(store, &made).await?)
}

impl DefaultChain {
    async fn make(self, guest: &mut Guest) -> Made {
        let options = DefaultChainOptions {
            exclude: self.exclude,
            managed_identity: self.managed_identity.map(Identity::into_wit).transpose()?.flatten(),
            additionally_allowed_tenants: self.additionally_allowed_tenants,
        };
        let (c, store) = guest.credentials();
        Ok(c.call_default_chain(store, &options).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call, in the words of a case.
    #[derive(Deserialize)]
    struct Call {
        via: Via,
    }

    #[test]
    fn every_kind_can_be_written_down() {
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
