//! The interface `credentials`: one function for each kind of credential.

use super::arguments::{self, CredentialResult, assertion, client, client_options, created, user_assigned};
use super::exports::azure::identity_credentials::credentials as wit;
use super::options::{
    Options, RawAssertion, RawAuthentication, RawCertificate, RawChain, RawDefaultChain, RawDeveloperTool,
    RawManagedIdentity, RawWorkloadIdentity,
};
use super::{Component, get_token, host, types};
use crate::chain::Chain;
use crate::credential::Credential;
use crate::entra::client_authentication::{SharedAuthentication, SharedSecret};
use crate::entra::{Client, ClientOptions};
use crate::error::Error;
use crate::prelude::*;
use crate::sources::SourceOptions;
use crate::sources::azure_cli::{self, AzureCli};
use crate::sources::azure_developer_cli::{self, AzureDeveloperCli};
use crate::sources::azure_pipelines::{self, ServiceConnection};
use crate::sources::client_credentials::ClientCredentials;
use crate::sources::default::{self, DefaultChain};
use crate::sources::environment::Environment;
use crate::sources::managed_identity::ManagedIdentity;
use crate::sources::workload_identity::{self, WorkloadIdentity};
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

    fn describe(&self) -> Vec<(String, String)> {
        self.describe().into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

impl wit::Guest for Component {
    type Assertion = RawAssertion;
    type Certificate = Options<RawCertificate>;
    type ChainOptions = Options<RawChain>;
    type ClientAuthentication = RawAuthentication;
    type ClientOptions = Options<ClientOptions>;
    type Credential = Credential;
    type DefaultChainOptions = Options<RawDefaultChain>;
    type DeveloperToolOptions = Options<RawDeveloperTool>;
    type ManagedIdentityOptions = Options<RawManagedIdentity>;
    type WorkloadIdentityOptions = Options<RawWorkloadIdentity>;

    fn client_secret(
        application: wit::Application,
        secret: String,
        options: Option<wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        const NAME: &str = "client-secret";
        let secret = SharedSecret::new(NAME, Secret::from(secret));
        service_principal(client(NAME, application, options), secret.map(|it| Rc::new(it) as _))
    }

    fn client_certificate(
        application: wit::Application,
        certificate: wit::CertificateBorrow<'_>,
        options: Option<wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        const NAME: &str = "client-certificate";
        // The ids are checked first: a certificate takes time.
        let client = client(NAME, application, options)?;
        let certificate = certificate.get::<Options<RawCertificate>>().values();
        service_principal(Ok(client), arguments::certificate(NAME, certificate))
    }

    fn client_assertion(
        application: wit::Application,
        raw: wit::AssertionBorrow<'_>,
        options: Option<wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        const NAME: &str = "client-assertion";
        let assertion = assertion(NAME, raw.get::<RawAssertion>().clone());
        service_principal(client(NAME, application, options), assertion.map(|it| Rc::new(it) as _))
    }

    fn azure_pipelines(
        application: wit::Application,
        connection: wit::ServiceConnection,
        options: Option<wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        let token = Secret::from(connection.system_access_token);
        let connection = ServiceConnection::new(connection.id, &token);
        let client = client(azure_pipelines::NAME, application, options);
        service_principal(client, connection.map(|it| Rc::new(it) as _))
    }

    fn workload_identity(
        identity: Option<wit::WorkloadIdentityOptionsBorrow<'_>>,
        options: Option<wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        let identity = identity.map(|it| it.get::<Options<RawWorkloadIdentity>>().values());
        created(workload_identity(identity.unwrap_or_default(), client_options(options)))
    }

    fn managed_identity(identity: Option<wit::ManagedIdentityOptionsBorrow<'_>>) -> CredentialResult {
        let identity = identity.map(|it| it.get::<Options<RawManagedIdentity>>().values());
        created(user_assigned(identity.unwrap_or_default()).map(ManagedIdentity::new))
    }

    fn azure_cli(login: Option<wit::DeveloperToolOptionsBorrow<'_>>) -> CredentialResult {
        let login = developer_tool(login);
        created(arguments::tenant_id("azure-cli", login.tenant_id).map(|tenant_id| {
            let (subscription, allowed_tenants) = (login.subscription, login.allowed_tenants);
            AzureCli::new(azure_cli::Options { tenant_id, subscription, allowed_tenants })
        }))
    }

    fn azure_developer_cli(login: Option<wit::DeveloperToolOptionsBorrow<'_>>) -> CredentialResult {
        const NAME: &str = azure_developer_cli::NAME;
        let login = developer_tool(login);
        if login.subscription.is_some() {
            let what = "the Azure Developer CLI's login has no subscription; leave it out, or use azure-cli";
            return Err(Error::invalid_argument(NAME, what).into());
        }
        created(arguments::tenant_id(NAME, login.tenant_id).map(|tenant_id| {
            let allowed_tenants = login.allowed_tenants;
            AzureDeveloperCli::new(azure_developer_cli::Options { tenant_id, allowed_tenants })
        }))
    }

    fn environment(options: Option<wit::ClientOptionsBorrow<'_>>) -> CredentialResult {
        let client = client_options(options);
        created(client.authority(host(), "environment").map(|_| Environment { client }))
    }

    fn default_chain(
        chain: Option<wit::DefaultChainOptionsBorrow<'_>>,
        options: Option<wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        let chain = chain.map(|it| it.get::<Options<RawDefaultChain>>().values()).unwrap_or_default();
        let client = client_options(options);
        created(user_assigned(chain.managed_identity).and_then(|managed_identity| {
            let sources = SourceOptions { managed_identity, client };
            let chain = DefaultChain::new(default::Options { exclude: chain.exclude, sources });
            chain.prepare(host())?;
            Ok(chain)
        }))
    }

    fn chain(
        credentials: Vec<wit::CredentialBorrow<'_>>,
        options: Option<wit::ChainOptionsBorrow<'_>>,
    ) -> CredentialResult {
        if credentials.is_empty() {
            return Err(Error::invalid_argument("chain", "credentials is empty; pass at least one").into());
        }
        let options = options.map(|it| it.get::<Options<RawChain>>().values()).unwrap_or_default();
        let sources = credentials.iter().map(|it| it.get::<Credential>().clone().into_source()).collect();
        created(Ok(Chain::new("chain", sources).retrying_sources(options.retry_sources)))
    }
}

/// A client that gets tokens for itself. Its source is the source of its tokens.
fn service_principal(
    client: Result<Client, Error>,
    authentication: Result<SharedAuthentication, Error>,
) -> CredentialResult {
    created(client.and_then(|client| {
        let label = client.source;
        Ok(ClientCredentials::new(client, authentication?, label))
    }))
}

/// A workload identity. What is unset comes from the environment with each request.
fn workload_identity(raw: RawWorkloadIdentity, client: ClientOptions) -> Result<WorkloadIdentity, Error> {
    const NAME: &str = "workload-identity";
    client.authority(host(), NAME)?;
    Ok(WorkloadIdentity::new(workload_identity::Options {
        tenant_id: arguments::tenant_id(NAME, raw.tenant_id)?,
        client_id: arguments::client_id(NAME, raw.client_id)?,
        token_file_path: raw.token_file_path,
        client,
    }))
}

fn developer_tool(login: Option<wit::DeveloperToolOptionsBorrow<'_>>) -> RawDeveloperTool {
    login.map(|login| login.get::<Options<RawDeveloperTool>>().values()).unwrap_or_default()
}
