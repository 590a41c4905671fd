//! The explicit credentials, one function for each kind.

use super::arguments::{self, app, assertion, client, client_authentication, set, user_assigned};
use super::exports::azure::identity::credentials as wit;
use super::{Component, get_token, host, types};
use crate::chain::Chain;
use crate::credential::Credential;
use crate::entra::client_authentication::{ClientAuthentication, SharedAuthentication, SharedSecret};
use crate::entra::{Client, Scopes};
use crate::error::Error;
use crate::identifiers::{ClientId, TenantId};
use crate::prelude::*;
use crate::source::Source;
use crate::sources::SourceOptions;
use crate::sources::authorization_code;
use crate::sources::azure_cli::{self, AzureCli};
use crate::sources::azure_pipelines::{self, ServiceConnection};
use crate::sources::client_credentials::ClientCredentials;
use crate::sources::default::{self, DefaultChain};
use crate::sources::device_code;
use crate::sources::environment::Environment;
use crate::sources::managed_identity::ManagedIdentity;
use crate::sources::shared_token_cache::{self, SharedTokenCache};
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
        service_principal(client(NAME, tenant_id, client_id, options), shared(authentication))
    }

    fn managed_identity(identity: Option<wit::UserAssigned>) -> CredentialResult {
        made(identity.map(user_assigned).transpose().map(ManagedIdentity::new))
    }

    fn azure_cli(options: wit::AzureCliOptions) -> CredentialResult {
        made(arguments::tenant_id("azure-cli", options.tenant_id).map(|tenant_id| {
            AzureCli::new(azure_cli::Options {
                tenant_id,
                subscription: set(options.subscription),
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
                sources: SourceOptions {
                    managed_identity,
                    allowed_tenants: options.additionally_allowed_tenants,
                },
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
            Err(Error::invalid_argument("chain", "credentials is empty; pass at least one"))
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
        service_principal(
            client(NAME, tenant_id, client_id, options),
            shared(assertion(NAME, authentication)),
        )
    }

    fn workload_identity(options: wit::WorkloadIdentityOptions) -> CredentialResult {
        made(workload_identity_options(options).map(WorkloadIdentity::new))
    }

    fn shared_token_cache(options: wit::SharedTokenCacheOptions) -> CredentialResult {
        let tenant = TenantId::organizations().as_str().to_owned();
        let client_id = ClientId::azure_cli().as_str().to_owned();
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
        service_principal(
            client(azure_pipelines::NAME, tenant_id, client_id, options),
            shared(authentication),
        )
    }
}

/// The result of every function of the interface.
pub type CredentialResult = Result<wit::Credential, types::CredentialError>;

/// A client that gets tokens for itself. Its source is the source of its tokens.
fn service_principal(
    client: Result<Client, Error>,
    authentication: Result<SharedAuthentication, Error>,
) -> CredentialResult {
    made(client.and_then(|client| {
        let label = client.source;
        Ok(ClientCredentials::new(client, authentication?, label))
    }))
}

/// The options of workload identity. What is unset comes from the environment with each request.
fn workload_identity_options(
    options: wit::WorkloadIdentityOptions,
) -> Result<workload_identity::Options, Error> {
    const NAME: &str = "workload-identity";
    let client = options.client;
    Ok(workload_identity::Options {
        tenant_id: arguments::tenant_id(NAME, options.tenant_id)?,
        client_id: arguments::client_id(NAME, options.client_id)?,
        token_file_path: set(options.token_file_path),
        authority: Some(arguments::authority(
            NAME,
            client.authority,
            client.region,
            client.disable_instance_discovery,
        )?),
        allowed_tenants: client.additionally_allowed_tenants,
    })
}

fn shared(
    authentication: Result<impl ClientAuthentication + 'static, Error>,
) -> Result<SharedAuthentication, Error> {
    authentication.map(|authentication| Rc::new(authentication) as SharedAuthentication)
}

fn made(source: Result<impl Source + 'static, Error>) -> CredentialResult {
    match source {
        Ok(source) => Ok(wit::Credential::new(Credential::new(Rc::new(source)))),
        Err(error) => Err(error.into()),
    }
}
