//! The explicit credentials: one function a kind.

use super::arguments::{app, assertion, client, client_authentication, set, user_assigned};
use super::exports::azure::identity::credentials as wit;
use super::{Component, get_token, host, types};
use crate::chain::Chain;
use crate::credential::Credential;
use crate::entra::client_authentication::{ClientAuthentication, SharedSecret};
use crate::entra::{Client, Scopes};
use crate::error::Error;
use crate::prelude::*;
use crate::request::check_tenant;
use crate::sources::Source;
use crate::sources::authorization_code;
use crate::sources::azure_cli::{self, AzureCli, CLI_CLIENT_ID};
use crate::sources::azure_pipelines::{self, ServiceConnection};
use crate::sources::client_credentials::ClientCredentials;
use crate::sources::default::{self, DefaultChain};
use crate::sources::device_code;
use crate::sources::environment::Environment;
use crate::sources::managed_identity::ManagedIdentity;
use crate::sources::shared_token_cache::{self, ANY_TENANT, SharedTokenCache};
use crate::sources::workload_identity::{self, WorkloadIdentity};
use crate::sources::{on_behalf_of, username_password};
use crate::token::Secret;
use alloc::rc::Rc;

impl wit::GuestCredential for Credential {
    #[maybe_async]
    async fn get_token(
        &self,
        request: types::TokenRequest,
    ) -> Result<types::AccessToken, types::CredentialError> {
        get_token(self, request).await
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
    ) -> CredentialResult {
        const NAME: &str = "client-secret";
        let authentication = SharedSecret::new(NAME, Secret::from(client_secret));
        service_principal(client(NAME, tenant_id, client_id, options), boxed(authentication))
    }

    fn managed_identity(identity: Option<wit::UserAssigned>) -> CredentialResult {
        made(identity.map(user_assigned).transpose().map(ManagedIdentity::new))
    }

    fn azure_cli(options: wit::AzureCliOptions) -> CredentialResult {
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
        wit::Credential::new(Credential::new(Rc::new(Environment::default())))
    }

    fn default_chain(options: wit::DefaultChainOptions) -> CredentialResult {
        let identity = options.managed_identity.map(user_assigned).transpose();
        made(identity.and_then(|managed_identity| {
            let chain = DefaultChain::new(default::Options {
                exclude: options.exclude,
                managed_identity,
                allowed_tenants: options.additionally_allowed_tenants,
            });
            chain.prepare(host())?;
            Ok(chain)
        }))
    }

    fn chain(credentials: Vec<wit::Credential>) -> CredentialResult {
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
    ) -> CredentialResult {
        const NAME: &str = "client-certificate";
        made(client(NAME, tenant_id, client_id, options).and_then(|client| {
            let authentication = super::arguments::certificate(NAME, certificate)?;
            Ok(ClientCredentials::new(client, authentication, NAME))
        }))
    }

    fn client_assertion(
        tenant_id: String,
        client_id: String,
        authentication: wit::Assertion,
        options: wit::ClientOptions,
    ) -> CredentialResult {
        const NAME: &str = "client-assertion";
        service_principal(client(NAME, tenant_id, client_id, options), boxed(assertion(NAME, authentication)))
    }

    fn workload_identity(options: wit::WorkloadIdentityOptions) -> CredentialResult {
        let (tenant_id, client_id) = (set(options.tenant_id), set(options.client_id));
        // What is not given is the environment's, and checked when it is read.
        let checked = client(
            "workload-identity",
            tenant_id.clone().unwrap_or_else(|| "unset".to_owned()),
            client_id.clone().unwrap_or_else(|| "unset".to_owned()),
            options.client,
        );
        made(checked.map(|client| {
            WorkloadIdentity::new(workload_identity::Options {
                tenant_id,
                client_id,
                token_file_path: set(options.token_file_path),
                authority: Some(client.authority),
                allowed_tenants: client.allowed_tenants,
            })
        }))
    }

    fn shared_token_cache(options: wit::SharedTokenCacheOptions) -> CredentialResult {
        let (tenant, client_id) = (ANY_TENANT.to_owned(), CLI_CLIENT_ID.to_owned());
        made(client(shared_token_cache::NAME, tenant, client_id, options.client).map(|client| {
            SharedTokenCache::new(shared_token_cache::Options {
                username: set(options.username),
                tenant_id: set(options.tenant_id),
                client: Some(client),
                ..Default::default()
            })
        }))
    }

    fn on_behalf_of(
        tenant_id: String,
        client_id: String,
        authentication: wit::ClientAuthentication,
        user_assertion: String,
        options: wit::ClientOptions,
    ) -> CredentialResult {
        const NAME: &str = on_behalf_of::NAME;
        made(client(NAME, tenant_id, client_id, options).and_then(|client| {
            on_behalf_of::new(client, client_authentication(NAME, authentication)?, user_assertion)
        }))
    }

    fn begin_authorization_code(
        options: wit::AuthorizationCodeOptions,
        scopes: Vec<String>,
    ) -> Result<wit::AuthorizationCodeFlow, types::CredentialError> {
        let flow = authorization_code::Flow::begin(host(), app(options)?, scopes)?;
        Ok(wit::AuthorizationCodeFlow::new(flow))
    }

    fn authorization_code(
        options: wit::AuthorizationCodeOptions,
        code: String,
        code_verifier: Option<String>,
    ) -> CredentialResult {
        made(app(options).and_then(|app| app.redeem(code, code_verifier, Scopes::Requested)))
    }

    #[maybe_async]
    async fn device_code(
        tenant_id: String,
        client_id: String,
        scopes: Vec<String>,
        options: wit::ClientOptions,
    ) -> Result<wit::DeviceCodeFlow, types::CredentialError> {
        let client = client(device_code::NAME, tenant_id, client_id, options)?;
        let flow = device_code::Flow::begin(host(), client, scopes).await?;
        Ok(wit::DeviceCodeFlow::new(flow))
    }

    fn username_password(
        tenant_id: String,
        client_id: String,
        username: String,
        password: String,
        options: wit::ClientOptions,
    ) -> CredentialResult {
        const NAME: &str = username_password::NAME;
        let password = Secret::from(password);
        made(
            client(NAME, tenant_id, client_id, options)
                .and_then(|client| username_password::new(client, &username, password, NAME)),
        )
    }

    fn azure_pipelines(
        tenant_id: String,
        client_id: String,
        service_connection_id: String,
        system_access_token: String,
        options: wit::ClientOptions,
    ) -> CredentialResult {
        let authentication =
            ServiceConnection::new(service_connection_id, &Secret::from(system_access_token));
        service_principal(client(azure_pipelines::NAME, tenant_id, client_id, options), boxed(authentication))
    }
}

/// What every function of the interface returns.
pub type CredentialResult = Result<wit::Credential, types::CredentialError>;

/// A client that asks in its own name; its tokens are marked with its source.
fn service_principal(
    client: Result<Client, Error>,
    authentication: Result<Rc<dyn ClientAuthentication>, Error>,
) -> CredentialResult {
    made(client.and_then(|client| {
        let label = client.source;
        Ok(ClientCredentials::new(client, authentication?, label))
    }))
}

fn boxed(
    authentication: Result<impl ClientAuthentication + 'static, Error>,
) -> Result<Rc<dyn ClientAuthentication>, Error> {
    authentication.map(|authentication| Rc::new(authentication) as Rc<dyn ClientAuthentication>)
}

fn made(source: Result<impl Source + 'static, Error>) -> CredentialResult {
    match source {
        Ok(source) => Ok(wit::Credential::new(Credential::new(Rc::new(source)))),
        Err(error) => Err(error.into()),
    }
}
