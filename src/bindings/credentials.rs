//! The explicit credentials: one function a kind.

use super::arguments::{app, client, client_authentication, user_assigned};
use super::exports::azure::identity::credentials as wit;
use super::{Component, INSTANCE, get_token, types};
use crate::call::run;
use crate::chain::Chain;
use crate::credential::Credential;
use crate::entra::proof::SharedSecret;
use crate::error::Error;
use crate::prelude::*;
use crate::request::check_tenant;
use crate::sources::Source;
use crate::sources::authorization_code;
use crate::sources::azure_cli::{self, AzureCli};
use crate::sources::client_credentials::ClientCredentials;
use crate::sources::default::{self, DefaultChain};
use crate::sources::device_code;
use crate::sources::environment::Environment;
use crate::sources::managed_identity::ManagedIdentity;
use crate::sources::{on_behalf_of, username_password};
use crate::token::Secret;
use alloc::rc::Rc;

impl wit::GuestCredential for Credential {
    fn get_token(&self, request: types::TokenRequest) -> Result<types::AccessToken, types::CredentialError> {
        get_token(self, request)
    }
}

impl wit::Guest for Component {
    type Credential = Credential;
    type AuthorizationCodeFlow = authorization_code::Flow;
    type DeviceCodeFlow = device_code::Flow;

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

    fn client_certificate(_: String, _: String, _: wit::Certificate, _: wit::ClientOptions) -> Made {
        not_yet("client-certificate")
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
        tenant_id: String,
        client_id: String,
        authentication: wit::ClientAuthentication,
        user_assertion: String,
        options: wit::ClientOptions,
    ) -> Made {
        const NAME: &str = on_behalf_of::NAME;
        made(client(NAME, tenant_id, client_id, options).and_then(|client| {
            on_behalf_of::new(client, client_authentication(NAME, authentication)?, user_assertion)
        }))
    }

    fn begin_authorization_code(
        options: wit::AuthorizationCodeOptions,
        scopes: Vec<String>,
    ) -> Result<wit::AuthorizationCodeFlow, types::CredentialError> {
        let flow = authorization_code::Flow::begin(&INSTANCE.0.host, app(options)?, scopes)?;
        Ok(wit::AuthorizationCodeFlow::new(flow))
    }

    fn authorization_code(
        options: wit::AuthorizationCodeOptions,
        code: String,
        code_verifier: Option<String>,
    ) -> Made {
        made(app(options).and_then(|app| app.redeem(code, code_verifier)))
    }

    fn device_code(
        tenant_id: String,
        client_id: String,
        scopes: Vec<String>,
        options: wit::ClientOptions,
    ) -> Result<wit::DeviceCodeFlow, types::CredentialError> {
        let client = client(device_code::NAME, tenant_id, client_id, options)?;
        let flow = run(device_code::Flow::begin(&INSTANCE.0.host, client, scopes))?;
        Ok(wit::DeviceCodeFlow::new(flow))
    }

    fn username_password(
        tenant_id: String,
        client_id: String,
        username: String,
        password: String,
        options: wit::ClientOptions,
    ) -> Made {
        const NAME: &str = username_password::NAME;
        let password = Secret::from(password);
        made(
            client(NAME, tenant_id, client_id, options)
                .and_then(|client| username_password::new(client, &username, password, NAME)),
        )
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
