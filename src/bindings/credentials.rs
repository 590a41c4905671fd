//! The interface `credentials`: the builder of credentials, and what `create` makes of it.

use super::arguments::{
    assertion, certificate, client, client_authentication, client_id, tenant_id, user_assigned,
};
use super::builder::{
    Builder, BuilderOptions, CertificateResource, Kind, RawAssertion, RawAuthentication, set,
};
use super::exports::azure::identity_credentials::credentials as wit;
use super::{Component, get_token, host, types};
use crate::authentication_record::AuthenticationRecord;
use crate::chain::Chain;
use crate::credential::Credential;
use crate::entra::client_authentication::{SharedAuthentication, SharedSecret};
use crate::entra::{Client, Scopes};
use crate::error::Error;
use crate::prelude::*;
use crate::source::SharedSource;
use crate::sources::SourceOptions;
use crate::sources::authorization_code::App;
use crate::sources::azure_cli::{self, AzureCli};
use crate::sources::azure_developer_cli::{self, AzureDeveloperCli};
use crate::sources::azure_pipelines::{self, ServiceConnection};
use crate::sources::client_credentials::ClientCredentials;
use crate::sources::default::{self, DefaultChain};
use crate::sources::environment::Environment;
use crate::sources::managed_identity::ManagedIdentity;
use crate::sources::shared_token_cache::{self, SharedTokenCache};
use crate::sources::workload_identity::{self, WorkloadIdentity};
use crate::sources::{authorization_code, on_behalf_of, username_password};
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

    fn authentication_record(&self) -> Option<String> {
        self.authentication_record().map(|record| record.to_text())
    }
}

impl wit::Guest for Component {
    type Assertion = RawAssertion;
    type Certificate = CertificateResource;
    type ClientAuthentication = RawAuthentication;
    type Credential = Credential;
    type CredentialBuilder = Builder;
}

impl wit::GuestCredentialBuilder for Builder {
    fn client_secret(application: wit::Application, secret: String) -> wit::CredentialBuilder {
        Self::of(Kind::ClientSecret(application, secret.into()))
    }

    fn client_certificate(
        application: wit::Application,
        certificate: wit::CertificateBorrow<'_>,
    ) -> wit::CredentialBuilder {
        let certificate = certificate.get::<CertificateResource>().certificate();
        Self::of(Kind::ClientCertificate(application, certificate))
    }

    fn client_assertion(
        application: wit::Application,
        assertion: wit::AssertionBorrow<'_>,
    ) -> wit::CredentialBuilder {
        Self::of(Kind::ClientAssertion(application, assertion.get::<RawAssertion>().clone()))
    }

    fn azure_pipelines(
        application: wit::Application,
        connection: wit::ServiceConnection,
    ) -> wit::CredentialBuilder {
        Self::of(Kind::AzurePipelines(application, connection))
    }

    fn workload_identity() -> wit::CredentialBuilder {
        Self::of(Kind::WorkloadIdentity)
    }

    fn managed_identity() -> wit::CredentialBuilder {
        Self::of(Kind::ManagedIdentity)
    }

    fn azure_cli() -> wit::CredentialBuilder {
        Self::of(Kind::AzureCli)
    }

    fn azure_developer_cli() -> wit::CredentialBuilder {
        Self::of(Kind::AzureDeveloperCli)
    }

    fn environment() -> wit::CredentialBuilder {
        Self::of(Kind::Environment)
    }

    fn default_chain() -> wit::CredentialBuilder {
        Self::of(Kind::DefaultChain)
    }

    fn chain(credentials: Vec<wit::CredentialBorrow<'_>>) -> wit::CredentialBuilder {
        Self::of(Kind::Chain(credentials.iter().map(|it| it.get::<Credential>().clone()).collect()))
    }

    fn authorization_code(
        application: wit::Application,
        grant: wit::AuthorizationCodeGrant,
        authentication: Option<wit::ClientAuthenticationBorrow<'_>>,
    ) -> wit::CredentialBuilder {
        let authentication = authentication.map(|it| it.get::<RawAuthentication>().clone());
        Self::of(Kind::AuthorizationCode(application, grant, authentication))
    }

    fn on_behalf_of(
        application: wit::Application,
        authentication: wit::ClientAuthenticationBorrow<'_>,
        user_assertion: String,
    ) -> wit::CredentialBuilder {
        let authentication = authentication.get::<RawAuthentication>().clone();
        Self::of(Kind::OnBehalfOf(application, authentication, user_assertion))
    }

    fn username_password(application: wit::Application, grant: wit::PasswordGrant) -> wit::CredentialBuilder {
        Self::of(Kind::UsernamePassword(application, grant))
    }

    fn shared_token_cache() -> wit::CredentialBuilder {
        Self::of(Kind::SharedTokenCache)
    }

    fn set_authority(&self, authority: String) {
        self.change(|options| options.client.authority = set(authority));
    }

    fn set_region(&self, region: String) {
        self.change(|options| options.client.region = set(region));
    }

    fn set_additionally_allowed_tenants(&self, tenants: Vec<String>) {
        self.change(|options| options.client.allowed_tenants = tenants);
    }

    fn set_disable_instance_discovery(&self, disable: bool) {
        self.change(|options| options.client.disable_instance_discovery = Some(disable));
    }

    fn set_tenant_id(&self, tenant_id: String) {
        self.change(|options| options.tenant_id = set(tenant_id));
    }

    fn set_client_id(&self, client_id: String) {
        self.change(|options| options.client_id = Some(client_id));
    }

    fn set_object_id(&self, object_id: String) {
        self.change(|options| options.object_id = Some(object_id));
    }

    fn set_resource_id(&self, resource_id: String) {
        self.change(|options| options.resource_id = Some(resource_id));
    }

    fn set_token_file_path(&self, path: String) {
        self.change(|options| options.token_file_path = set(path));
    }

    fn set_subscription(&self, subscription: String) {
        self.change(|options| options.subscription = set(subscription));
    }

    fn set_username(&self, username: String) {
        self.change(|options| options.username = set(username));
    }

    fn set_authentication_record(&self, account: String) {
        self.change(|options| options.authentication_record = set(account));
    }

    fn set_exclude(&self, sources: Vec<String>) {
        self.change(|options| options.exclude = sources);
    }

    fn set_retry_sources(&self, retry: bool) {
        self.change(|options| options.retry_sources = Some(retry));
    }

    fn create(&self) -> Result<wit::Credential, types::CredentialError> {
        let source = source(&self.kind, self.options()?)?;
        Ok(wit::Credential::new(Credential::new(source)))
    }
}

/// The source of a credential.
fn source(kind: &Kind, options: BuilderOptions) -> Result<SharedSource, Error> {
    Ok(match kind {
        Kind::AuthorizationCode(application, grant, authentication) => {
            const NAME: &str = authorization_code::NAME;
            let client = client(NAME, application, &options.client)?;
            let authentication = client_authentication(NAME, authentication.as_ref())?;
            let app = App::new(client, authentication, grant.redirect_uri.clone())?;
            Rc::new(app.redeem(grant.code.clone(), grant.code_verifier.clone(), Scopes::Requested)?)
        }
        Kind::AzureCli => Rc::new(AzureCli::new(azure_cli::Options {
            tenant_id: tenant_id("azure-cli", options.tenant_id)?,
            subscription: options.subscription,
            allowed_tenants: options.client.allowed_tenants,
        })),
        Kind::AzureDeveloperCli => Rc::new(AzureDeveloperCli::new(azure_developer_cli::Options {
            tenant_id: tenant_id(azure_developer_cli::NAME, options.tenant_id)?,
            allowed_tenants: options.client.allowed_tenants,
        })),
        Kind::AzurePipelines(application, connection) => {
            let client = client(azure_pipelines::NAME, application, &options.client)?;
            let token = Secret::from(connection.system_access_token.as_str());
            let connection = ServiceConnection::new(connection.id.clone(), &token)?;
            service_principal(client, Rc::new(connection))
        }
        Kind::Chain(members) => {
            if members.is_empty() {
                return Err(Error::invalid_argument("chain", "credentials is empty; pass at least one"));
            }
            let members = members.iter().map(|member| member.clone().into_source()).collect();
            let retries = options.retry_sources.unwrap_or_default();
            Rc::new(Chain::new("chain", members).retrying_sources(retries))
        }
        Kind::ClientAssertion(application, raw) => {
            const NAME: &str = "client-assertion";
            let client = client(NAME, application, &options.client)?;
            service_principal(client, Rc::new(assertion(NAME, raw)?))
        }
        Kind::ClientCertificate(application, raw) => {
            const NAME: &str = "client-certificate";
            // The ids are checked first: a certificate takes time.
            let client = client(NAME, application, &options.client)?;
            service_principal(client, certificate(NAME, raw.clone())?)
        }
        Kind::ClientSecret(application, secret) => {
            const NAME: &str = "client-secret";
            let client = client(NAME, application, &options.client)?;
            service_principal(client, Rc::new(SharedSecret::new(NAME, secret.clone())?))
        }
        Kind::DefaultChain => Rc::new(default_chain(options)?),
        Kind::Environment => {
            options.client.authority(host(), "environment")?;
            Rc::new(Environment::new(options.client))
        }
        Kind::ManagedIdentity => Rc::new(ManagedIdentity::new(user_assigned(&options)?)),
        Kind::OnBehalfOf(application, authentication, user_assertion) => {
            const NAME: &str = on_behalf_of::NAME;
            let client = client(NAME, application, &options.client)?;
            let authentication = client_authentication(NAME, Some(authentication))?;
            Rc::new(on_behalf_of::new(client, authentication, user_assertion.clone())?)
        }
        Kind::SharedTokenCache => Rc::new(shared_token_cache(options)?),
        Kind::UsernamePassword(application, grant) => {
            const NAME: &str = username_password::NAME;
            let client = client(NAME, application, &options.client)?;
            let password = Secret::from(grant.password.as_str());
            Rc::new(username_password::new(client, &grant.username, password, NAME)?)
        }
        Kind::WorkloadIdentity => Rc::new(workload_identity(options)?),
    })
}

/// A client that gets tokens for itself. Its source is the source of its tokens.
fn service_principal(client: Client, authentication: SharedAuthentication) -> SharedSource {
    let label = client.source;
    Rc::new(ClientCredentials::new(client, authentication, label))
}

fn default_chain(options: BuilderOptions) -> Result<DefaultChain, Error> {
    let managed_identity = user_assigned(&options)?;
    let sources = SourceOptions { managed_identity, client: options.client };
    let chain = DefaultChain::new(default::Options { exclude: options.exclude, sources });
    chain.prepare(host())?;
    Ok(chain)
}

fn shared_token_cache(options: BuilderOptions) -> Result<SharedTokenCache, Error> {
    const NAME: &str = shared_token_cache::NAME;
    let record = options.authentication_record;
    let record = record.map(|record| AuthenticationRecord::parse(NAME, &record)).transpose()?;
    if record.is_some() && (options.username.is_some() || options.tenant_id.is_some()) {
        let what =
            "the options have an authentication record and a username or tenant-id; set one of the two";
        return Err(Error::invalid_argument(NAME, what));
    }
    options.client.authority(host(), NAME)?;
    Ok(SharedTokenCache::new(shared_token_cache::Options {
        username: options.username,
        tenant_id: options.tenant_id,
        home_account_id: record.map(|record| record.home_account_id),
        client: options.client,
    }))
}

/// A workload identity. What is unset comes from the environment with each request.
fn workload_identity(options: BuilderOptions) -> Result<WorkloadIdentity, Error> {
    const NAME: &str = "workload-identity";
    options.client.authority(host(), NAME)?;
    Ok(WorkloadIdentity::new(workload_identity::Options {
        tenant_id: tenant_id(NAME, options.tenant_id)?,
        client_id: client_id(NAME, options.client_id.and_then(set))?,
        token_file_path: options.token_file_path,
        client: options.client,
    }))
}
