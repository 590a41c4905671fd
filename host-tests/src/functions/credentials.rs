//! The functions of the interface `credentials`.

use super::options::Creator;
use super::{CREDENTIALS, CredentialResult, Functions, Outcome};
use crate::arguments::{
    Assertion, Certificate, ChainOptions, Client, ClientOptions, DefaultChainOptions, DeveloperToolOptions,
    ManagedIdentityOptions, WorkloadIdentityOptions,
};
use crate::bindings::{AccessToken, Application, ServiceConnection, TokenRequest};
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

    pub async fn call_client_secret(
        &self,
        store: &mut Store<State>,
        client: &Client,
        secret: &str,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let options = creator.client(&client.options).await?;
        let arguments = (application(client), secret, options);
        creator.finish(CREDENTIALS, "client-secret", arguments).await
    }

    pub async fn call_client_certificate(
        &self,
        store: &mut Store<State>,
        client: &Client,
        certificate: &Certificate,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let certificate = creator.certificate(certificate).await?;
        let options = creator.client(&client.options).await?;
        let arguments = (application(client), certificate, options);
        creator.finish(CREDENTIALS, "client-certificate", arguments).await
    }

    pub async fn call_client_assertion(
        &self,
        store: &mut Store<State>,
        client: &Client,
        assertion: &Assertion,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let assertion = creator.assertion(assertion).await?;
        let options = creator.client(&client.options).await?;
        creator.finish(CREDENTIALS, "client-assertion", (application(client), assertion, options)).await
    }

    pub async fn call_azure_pipelines(
        &self,
        store: &mut Store<State>,
        client: &Client,
        connection: &ServiceConnection,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let options = creator.client(&client.options).await?;
        creator.finish(CREDENTIALS, "azure-pipelines", (application(client), connection, options)).await
    }

    pub async fn call_workload_identity(
        &self,
        store: &mut Store<State>,
        options: &WorkloadIdentityOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let identity = creator.workload_identity(options).await?;
        let client = creator.client(&options.client).await?;
        creator.finish(CREDENTIALS, "workload-identity", (identity, client)).await
    }

    pub async fn call_managed_identity(
        &self,
        store: &mut Store<State>,
        options: &ManagedIdentityOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let identity = creator.managed_identity(options).await?;
        creator.finish(CREDENTIALS, "managed-identity", (identity,)).await
    }

    pub async fn call_azure_cli(
        &self,
        store: &mut Store<State>,
        options: &DeveloperToolOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let login = creator.developer_tool(options).await?;
        creator.finish(CREDENTIALS, "azure-cli", (login,)).await
    }

    pub async fn call_azure_developer_cli(
        &self,
        store: &mut Store<State>,
        options: &DeveloperToolOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let login = creator.developer_tool(options).await?;
        creator.finish(CREDENTIALS, "azure-developer-cli", (login,)).await
    }

    pub async fn call_environment(
        &self,
        store: &mut Store<State>,
        options: &ClientOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let options = creator.client(options).await?;
        creator.finish(CREDENTIALS, "environment", (options,)).await
    }

    pub async fn call_default_chain(
        &self,
        store: &mut Store<State>,
        options: &DefaultChainOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let chain = creator.default_chain(options).await?;
        let client = creator.client(&options.client).await?;
        creator.finish(CREDENTIALS, "default-chain", (chain, client)).await
    }

    pub async fn call_chain(
        &self,
        store: &mut Store<State>,
        credentials: &[ResourceAny],
        options: &ChainOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let options = creator.chain(options).await?;
        creator.finish(CREDENTIALS, "chain", (credentials, options)).await
    }
}

/// The record `application` of a client.
pub(super) fn application(client: &Client) -> Application {
    Application { tenant_id: client.tenant_id.clone(), client_id: client.client_id.clone() }
}
