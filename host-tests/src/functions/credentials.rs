//! The functions of the interface `credentials`.

use super::options::{Creator, application, listed};
use super::{CREDENTIALS, CredentialResult, Functions, Outcome};
use crate::arguments::{
    App, Assertion, Certificate, ChainOptions, Client, ClientAuthentication, ClientOptions,
    DefaultChainOptions, DeveloperToolOptions, ManagedIdentityOptions, SharedTokenCacheOptions,
    WorkloadIdentityOptions,
};
use crate::bindings::{AccessToken, AuthorizationCodeGrant, PasswordGrant, ServiceConnection, TokenRequest};
use crate::environment::State;
use wasmtime::component::ResourceAny;
use wasmtime::{Result, Store};

#[expect(missing_docs, reason = "wit/0.2/credentials documents the functions")]
impl Functions {
    pub async fn call_get_token(
        &self,
        store: &mut Store<State>,
        credential: ResourceAny,
        request: &TokenRequest,
    ) -> Result<Outcome<AccessToken>> {
        self.call(store, CREDENTIALS, "[method]credential.get-token", (credential, request)).await
    }

    pub async fn call_describe(
        &self,
        store: &mut Store<State>,
        credential: ResourceAny,
    ) -> Result<Vec<(String, String)>> {
        self.call(store, CREDENTIALS, "[method]credential.describe", (credential,)).await
    }

    pub async fn call_authentication_record(
        &self,
        store: &mut Store<State>,
        credential: ResourceAny,
    ) -> Result<Option<String>> {
        self.call(store, CREDENTIALS, "[method]credential.authentication-record", (credential,)).await
    }

    pub async fn call_client_secret(
        &self,
        store: &mut Store<State>,
        client: &Client,
        secret: &str,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder("client-secret", (application(client), secret)).await?;
        creator.set_client(&builder, &client.options).await?;
        creator.finish(&builder).await
    }

    pub async fn call_client_certificate(
        &self,
        store: &mut Store<State>,
        client: &Client,
        certificate: &Certificate,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let certificate = creator.certificate(certificate).await?;
        let builder = creator.builder("client-certificate", (application(client), certificate)).await?;
        creator.set_client(&builder, &client.options).await?;
        creator.finish(&builder).await
    }

    pub async fn call_client_assertion(
        &self,
        store: &mut Store<State>,
        client: &Client,
        assertion: &Assertion,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let assertion = creator.assertion(assertion).await?;
        let builder = creator.builder("client-assertion", (application(client), assertion)).await?;
        creator.set_client(&builder, &client.options).await?;
        creator.finish(&builder).await
    }

    pub async fn call_azure_pipelines(
        &self,
        store: &mut Store<State>,
        client: &Client,
        connection: &ServiceConnection,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder("azure-pipelines", (application(client), connection)).await?;
        creator.set_client(&builder, &client.options).await?;
        creator.finish(&builder).await
    }

    pub async fn call_workload_identity(
        &self,
        store: &mut Store<State>,
        options: &WorkloadIdentityOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder("workload-identity", ()).await?;
        creator.set_client(&builder, &options.client).await?;
        creator.set(&builder, "tenant-id", options.tenant_id.as_deref()).await?;
        creator.set(&builder, "client-id", options.client_id.as_deref()).await?;
        creator.set(&builder, "token-file-path", options.token_file_path.as_deref()).await?;
        creator.finish(&builder).await
    }

    pub async fn call_managed_identity(
        &self,
        store: &mut Store<State>,
        options: &ManagedIdentityOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder("managed-identity", ()).await?;
        creator.set_identity(&builder, options).await?;
        creator.finish(&builder).await
    }

    pub async fn call_azure_cli(
        &self,
        store: &mut Store<State>,
        options: &DeveloperToolOptions,
    ) -> Result<CredentialResult> {
        self.call_developer_tool(store, "azure-cli", options).await
    }

    pub async fn call_azure_developer_cli(
        &self,
        store: &mut Store<State>,
        options: &DeveloperToolOptions,
    ) -> Result<CredentialResult> {
        self.call_developer_tool(store, "azure-developer-cli", options).await
    }

    async fn call_developer_tool(
        &self,
        store: &mut Store<State>,
        kind: &str,
        options: &DeveloperToolOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder(kind, ()).await?;
        creator.set(&builder, "tenant-id", options.tenant_id.as_deref()).await?;
        creator.set(&builder, "subscription", options.subscription.as_deref()).await?;
        let tenants = &options.additionally_allowed_tenants;
        creator.set(&builder, "additionally-allowed-tenants", listed(tenants)).await?;
        creator.finish(&builder).await
    }

    pub async fn call_environment(
        &self,
        store: &mut Store<State>,
        options: &ClientOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder("environment", ()).await?;
        creator.set_client(&builder, options).await?;
        creator.finish(&builder).await
    }

    pub async fn call_default_chain(
        &self,
        store: &mut Store<State>,
        options: &DefaultChainOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder("default-chain", ()).await?;
        creator.set(&builder, "exclude", listed(&options.exclude)).await?;
        creator.set_identity(&builder, &options.managed_identity).await?;
        creator.set_client(&builder, &options.client).await?;
        creator.finish(&builder).await
    }

    pub async fn call_chain(
        &self,
        store: &mut Store<State>,
        credentials: &[ResourceAny],
        options: &ChainOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder("chain", (credentials,)).await?;
        creator.set(&builder, "retry-sources", Some(options.retry_sources)).await?;
        creator.finish(&builder).await
    }

    pub async fn call_authorization_code(
        &self,
        store: &mut Store<State>,
        app: &App,
        code: &str,
        code_verifier: Option<&str>,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let authentication = match &app.authentication {
            Some(authentication) => Some(creator.authentication(authentication).await?),
            None => None,
        };
        let grant = AuthorizationCodeGrant {
            code: code.to_owned(),
            redirect_uri: app.redirect_uri.clone(),
            code_verifier: code_verifier.map(ToOwned::to_owned),
        };
        let arguments = (application(&app.client), grant, authentication);
        let builder = creator.builder("authorization-code", arguments).await?;
        creator.set_client(&builder, &app.client.options).await?;
        creator.finish(&builder).await
    }

    pub async fn call_on_behalf_of(
        &self,
        store: &mut Store<State>,
        client: &Client,
        authentication: &ClientAuthentication,
        user_assertion: &str,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let authentication = creator.authentication(authentication).await?;
        let arguments = (application(client), authentication, user_assertion);
        let builder = creator.builder("on-behalf-of", arguments).await?;
        creator.set_client(&builder, &client.options).await?;
        creator.finish(&builder).await
    }

    pub async fn call_username_password(
        &self,
        store: &mut Store<State>,
        client: &Client,
        grant: &PasswordGrant,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder("username-password", (application(client), grant)).await?;
        creator.set_client(&builder, &client.options).await?;
        creator.finish(&builder).await
    }

    pub async fn call_shared_token_cache(
        &self,
        store: &mut Store<State>,
        options: &SharedTokenCacheOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.builder("shared-token-cache", ()).await?;
        creator.set_client(&builder, &options.client).await?;
        creator.set(&builder, "username", options.username.as_deref()).await?;
        creator.set(&builder, "tenant-id", options.tenant_id.as_deref()).await?;
        let record = options.authentication_record.as_deref();
        creator.set(&builder, "authentication-record", record).await?;
        creator.finish(&builder).await
    }
}
