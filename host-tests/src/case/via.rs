//! Which credential a case asks.

mod certificate;

use crate::bindings::CredentialError;
use crate::bindings::credentials::{AzureCliOptions, ClientOptions, DefaultChainOptions, UserAssigned};
use crate::guest::Guest;
use anyhow::Result;
use serde::Deserialize;
use wasmtime::component::ResourceAny;

/// A credential and the arguments it is made with, under the names of `wit/credentials.wit`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Via {
    /// The interface that everybody imports.
    #[default]
    TokenCredential,
    /// A login of the Azure CLI.
    AzureCli(AzureCli),
    /// Several, one after the other.
    Chain(Vec<Via>),
    /// A service principal with a certificate.
    ClientCertificate(certificate::ClientCertificate),
    /// A service principal with a secret.
    ClientSecret(ClientSecret),
    /// The default chain.
    DefaultChain(DefaultChain),
    /// What the environment describes.
    Environment,
    /// A managed identity; without an id, the system-assigned one.
    ManagedIdentity(Identity),
    /// A credential that does not exist yet.
    NotYet(String),
}

/// Arguments of `azure-cli`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AzureCli {
    tenant_id: Option<String>,
    subscription: Option<String>,
    additionally_allowed_tenants: Vec<String>,
}

/// Arguments of `client-secret`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientSecret {
    tenant_id: String,
    client_id: String,
    client_secret: String,
    #[serde(default)]
    options: Options,
}

/// `client-options`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    authority: Option<String>,
    additionally_allowed_tenants: Vec<String>,
    disable_instance_discovery: bool,
    region: Option<String>,
}

/// Arguments of `default-chain`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DefaultChain {
    exclude: Vec<String>,
    managed_identity: Option<Identity>,
    additionally_allowed_tenants: Vec<String>,
}

/// Which managed identity.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Identity {
    client_id: Option<String>,
    object_id: Option<String>,
    resource_id: Option<String>,
}

impl Via {
    /// What of its arguments is secret and stands nowhere else.
    pub fn secrets(&self) -> Vec<(String, String)> {
        match self {
            Self::ClientCertificate(arguments) => arguments.secrets(),
            Self::Chain(members) => members.iter().flat_map(Self::secrets).collect(),
            _ => Vec::new(),
        }
    }

    /// Makes the credential; `None`: there is none to make, `token-credential` is asked.
    pub async fn make(&self, guest: &mut Guest) -> Result<Option<Result<ResourceAny, CredentialError>>> {
        let made = match self.clone() {
            Self::TokenCredential => return Ok(None),
            Self::Chain(members) => return Box::pin(chain(members, guest)).await.map(Some),
            Self::AzureCli(options) => {
                let options = options.into_wit();
                guest
                    .make(move |c, store| Box::pin(async move { c.call_azure_cli(store, &options).await }))
                    .await
            }
            Self::ClientSecret(ClientSecret { tenant_id, client_id, client_secret, options }) => {
                let options = options.into_wit();
                guest
                    .make(move |c, store| {
                        Box::pin(async move {
                            c.call_client_secret(store, &tenant_id, &client_id, &client_secret, &options)
                                .await
                        })
                    })
                    .await
            }
            Self::DefaultChain(options) => {
                let options = options.into_wit();
                guest
                    .make(move |c, store| {
                        Box::pin(async move { c.call_default_chain(store, &options).await })
                    })
                    .await
            }
            Self::Environment => {
                guest.make(|c, store| Box::pin(async move { c.call_environment(store).await.map(Ok) })).await
            }
            Self::ManagedIdentity(identity) => {
                let identity = identity.into_wit();
                guest
                    .make(move |c, store| {
                        Box::pin(async move { c.call_managed_identity(store, identity.as_ref()).await })
                    })
                    .await
            }
            Self::ClientCertificate(arguments) => arguments.make(guest).await,
            Self::NotYet(kind) => not_yet(&kind, guest).await,
        };
        made.map(Some)
    }
}

async fn chain(members: Vec<Via>, guest: &mut Guest) -> Result<Result<ResourceAny, CredentialError>> {
    let mut made = Vec::new();
    for member in members {
        match member.make(guest).await?.expect("a chain is made of credentials") {
            Ok(credential) => made.push(credential),
            Err(error) => return Ok(Err(error)),
        }
    }
    guest.make(move |c, store| Box::pin(async move { c.call_chain(store, &made).await })).await
}

/// The kinds that only say they are not there yet; their arguments do not matter.
async fn not_yet(kind: &str, guest: &mut Guest) -> Result<Result<ResourceAny, CredentialError>> {
    let options = Options::default().into_wit();
    let kind = kind.to_owned();
    guest
        .make(move |c, store| {
            Box::pin(async move {
                match kind.as_str() {
                    "azure-pipelines" => c.call_azure_pipelines(store, "t", "c", "s", "x", &options).await,
                    "device-code" => c.call_device_code(store, "t", "c", &[], &options).await,
                    "username-password" => {
                        c.call_username_password(store, "t", "c", "u", "p", &options).await
                    }
                    kind => wasmtime::bail!("no case knows how to make {kind}"),
                }
            })
        })
        .await
}

impl AzureCli {
    fn into_wit(self) -> AzureCliOptions {
        AzureCliOptions {
            tenant_id: self.tenant_id,
            subscription: self.subscription,
            additionally_allowed_tenants: self.additionally_allowed_tenants,
        }
    }
}

impl Options {
    fn into_wit(self) -> ClientOptions {
        ClientOptions {
            authority: self.authority,
            additionally_allowed_tenants: self.additionally_allowed_tenants,
            disable_instance_discovery: self.disable_instance_discovery,
            region: self.region,
        }
    }
}

impl DefaultChain {
    fn into_wit(self) -> DefaultChainOptions {
        DefaultChainOptions {
            exclude: self.exclude,
            managed_identity: self.managed_identity.and_then(Identity::into_wit),
            additionally_allowed_tenants: self.additionally_allowed_tenants,
        }
    }
}

impl Identity {
    fn into_wit(self) -> Option<UserAssigned> {
        let client_id = self.client_id.map(UserAssigned::ClientId);
        let object_id = self.object_id.map(UserAssigned::ObjectId);
        client_id.or(object_id).or(self.resource_id.map(UserAssigned::ResourceId))
    }
}
