//! The explicit credentials: one function a kind.

use super::arguments::{client, user_assigned};
use super::exports::azure::identity::credentials as wit;
use super::flows::NotYet;
use super::{Component, INSTANCE, get_token, types};
use crate::chain::Chain;
use crate::credential::Credential;
use crate::entra::proof::SharedSecret;
use crate::error::Error;
use crate::prelude::*;
use crate::request::check_tenant;
use crate::sources::Source;
use crate::sources::azure_cli::{self, AzureCli};
use crate::sources::client_credentials::ClientCredentials;
use crate::sources::default::{self, DefaultChain};
use crate::sources::environment::Environment;
use crate::sources::managed_identity::ManagedIdentity;
use crate::token::Secret;
use alloc::rc::Rc;

impl wit::GuestCredential for Credential {
    fn get_token(&self, request: types::TokenRequest) -> Result<types::AccessToken, types::CredentialError> {
        get_token(self, request)
    }
}

impl wit::Guest for Component {
    type Credential = Credential;
    type AuthorizationCodeFlow = NotYet;
    type DeviceCodeFlow = NotYet;

    fn client_secret(
        tenant_id: String,
        client_id: String,
        client_secret: String,
        options: wit::ClientOptions,
    ) -> Made {
        const NAME: &str = "client-secret";
        made(client(NAME, tenant_id, client_id, options).and_then(|client| {
            let proof = SharedSecret::new(NAME, Secret::from(client_secret))?;
            Ok(ClientCredentials::new(client, Rc::new(proof), NAME))
        }))
    }

    fn managed_identity(identity: Option<wit::UserAssigned>) -> Made {
        made(identity.map(user_assigned).transpose().map(ManagedIdentity::new))
    }

    fn azure_cli(options: wit::AzureCliOptions) -> Made {
        let tenant_id = options.tenant_id.filter(|tenant| !tenant.trim().is_empty());
        let checked = tenant_id.as_deref().map_or(Ok(()), check_tenant);
        let checked = checked.map_err(|what| Error::invalid("azure-cli", format_args!("tenant-id {what}")));
        made(checked.map(|()| {
            AzureCli::new(azure_cli::Options {
                tenant_id,
                subscription: options.subscription.filter(|subscription| !subscription.trim().is_empty()),
                allowed_tenants: options.additionally_allowed_tenants,
            })
        }))
    }

    fn environment() -> wit::Credential {
        wit::Credential::new(Credential::new(Rc::new(Environment)))
    }

    fn default_chain(options: wit::DefaultChainOptions) -> Made {
        let identity = options.managed_identity.map(user_assigned).transpose();
        made(identity.and_then(|managed_identity| {
            let chain = DefaultChain::new(default::Options {
                exclude: options.exclude,
                managed_identity,
                allowed_tenants: options.additionally_allowed_tenants,
            });
            chain.prepare(&INSTANCE.0.host)?;
            Ok(chain)
        }))
    }

    fn chain(credentials: Vec<wit::Credential>) -> Made {
        let sources: Vec<_> = credentials
            .into_iter()
            .map(|credential| credential.into_inner::<Credential>().into_source())
            .collect();
        let checked = if sources.is_empty() {
            Err(Error::invalid("chain", "credentials is empty; hand over at least one"))
        } else {
            Ok(())
        };
        made(checked.map(|()| Chain::new("chain", sources)))
    }

    fn client_certificate(
        tenant_id: String,
        client_id: String,
        certificate: wit::Certificate,
        options: wit::ClientOptions,
    ) -> Made {
        const NAME: &str = "client-certificate";
        made(client(NAME, tenant_id, client_id, options).and_then(|client| {
            let proof = super::arguments::certificate(NAME, certificate)?;
            Ok(ClientCredentials::new(client, proof, NAME))
        }))
    }

    fn client_assertion(_: String, _: String, _: wit::Assertion, _: wit::ClientOptions) -> Made {
        not_yet("client-assertion")
    }

    fn workload_identity(_: wit::WorkloadIdentityOptions) -> Made {
        not_yet("workload-identity")
    }

    fn shared_token_cache(_: wit::SharedTokenCacheOptions) -> Made {
        not_yet("shared-token-cache")
    }

    fn on_behalf_of(
        _: String,
        _: String,
        _: wit::ClientAuthentication,
        _: String,
        _: wit::ClientOptions,
    ) -> Made {
        not_yet("on-behalf-of")
    }

    fn begin_authorization_code(
        _: wit::AuthorizationCodeOptions,
        _: Vec<String>,
    ) -> Result<wit::AuthorizationCodeFlow, types::CredentialError> {
        not_yet("authorization-code")
    }

    fn authorization_code(_: wit::AuthorizationCodeOptions, _: String, _: Option<String>) -> Made {
        not_yet("authorization-code")
    }

    fn device_code(
        _: String,
        _: String,
        _: Vec<String>,
        _: wit::ClientOptions,
    ) -> Result<wit::DeviceCodeFlow, types::CredentialError> {
        not_yet("device-code")
    }

    fn username_password(_: String, _: String, _: String, _: String, _: wit::ClientOptions) -> Made {
        not_yet("username-password")
    }

    fn azure_pipelines(_: String, _: String, _: String, _: String, _: wit::ClientOptions) -> Made {
        not_yet("azure-pipelines")
    }
}

/// What every function of the interface returns.
pub type Made = Result<wit::Credential, types::CredentialError>;

fn made(source: Result<impl Source + 'static, Error>) -> Made {
    match source {
        Ok(source) => Ok(wit::Credential::new(Credential::new(Rc::new(source)))),
        Err(error) => Err(error.into()),
    }
}

fn not_yet<T>(kind: &str) -> Result<T, types::CredentialError> {
    Err(Error::other(kind, "this credential is not implemented yet; the README lists those that are").into())
}
