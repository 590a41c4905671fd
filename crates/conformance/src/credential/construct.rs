//! Constructs credentials in a guest.

use super::config::{Client, CredentialConfig};
use anyhow::Result;
use host_tests::bindings::CredentialError;
use host_tests::environment::State;
use host_tests::functions::Functions;
use host_tests::guest::Guest;
use wasmtime::Store;
use wasmtime::component::ResourceAny;

/// The result of a constructor.
pub type CredentialResult = Result<ResourceAny, CredentialError>;

impl CredentialConfig {
    /// Constructs the credential; `None`: calls go to `token-credential`. A device code flow needs `scopes` at its start.
    ///
    /// # Errors
    /// When the guest traps.
    pub async fn construct(self, guest: &mut Guest, scopes: &[String]) -> Result<Option<CredentialResult>> {
        let scopes = scopes.to_vec();
        match self {
            Self::TokenCredential => Ok(None),
            Self::Chain(members) => {
                let mut credentials = Vec::new();
                for member in members {
                    match Box::pin(member.construct(guest, &scopes)).await? {
                        Some(Ok(credential)) => credentials.push(credential),
                        failed => return Ok(failed),
                    }
                }
                let chain = guest.call(move |functions, store| {
                    Box::pin(async move { functions.call_chain(store, &credentials).await })
                });
                chain.await.map(Some)
            }
            config => guest
                .call(move |functions, store| Box::pin(config.call(functions, store, scopes)))
                .await
                .map(Some),
        }
    }

    async fn call(
        self,
        functions: &Functions,
        store: &mut Store<State>,
        scopes: Vec<String>,
    ) -> wasmtime::Result<CredentialResult> {
        let c = functions;
        match self {
            Self::AuthorizationCode(options, code) => {
                c.call_authorization_code(store, &options, &code, None).await
            }
            Self::AzureCli(options) => c.call_azure_cli(store, &options).await,
            Self::AzurePipelines(Client { tenant_id, client_id, options }, connection, token) => {
                c.call_azure_pipelines(store, &tenant_id, &client_id, &connection, &token, &options).await
            }
            Self::ClientAssertion(Client { tenant_id, client_id, options }, assertion) => {
                c.call_client_assertion(store, &tenant_id, &client_id, &assertion, &options).await
            }
            Self::ClientCertificate(Client { tenant_id, client_id, options }, certificate) => {
                c.call_client_certificate(store, &tenant_id, &client_id, &certificate, &options).await
            }
            Self::ClientSecret(Client { tenant_id, client_id, options }, secret) => {
                c.call_client_secret(store, &tenant_id, &client_id, &secret, &options).await
            }
            Self::DefaultChain(options) => c.call_default_chain(store, &options).await,
            Self::DeviceCode(client) => sign_in(c, store, &client, &scopes).await,
            Self::Environment => c.call_environment(store).await.map(Ok),
            Self::ManagedIdentity(identity) => c.call_managed_identity(store, identity.as_ref()).await,
            Self::OnBehalfOf(Client { tenant_id, client_id, options }, client, user) => {
                c.call_on_behalf_of(store, &tenant_id, &client_id, &client, &user, &options).await
            }
            Self::SharedTokenCache(options) => c.call_shared_token_cache(store, &options).await,
            Self::UsernamePassword(Client { tenant_id, client_id, options }, username, password) => {
                c.call_username_password(store, &tenant_id, &client_id, &username, &password, &options).await
            }
            Self::WorkloadIdentity(options) => c.call_workload_identity(store, &options).await,
            Self::TokenCredential | Self::Chain(_) => wasmtime::bail!("no single function constructs this"),
        }
    }
}

/// Signs in with a device code; the network of the case decides when the user has signed in.
async fn sign_in(
    functions: &Functions,
    store: &mut Store<State>,
    client: &Client,
    scopes: &[String],
) -> wasmtime::Result<CredentialResult> {
    let Client { tenant_id, client_id, options } = client;
    let started = functions.call_device_code(&mut *store, tenant_id, client_id, scopes, options).await?;
    match started {
        Ok(flow) => functions.device_code_flow().call_wait(store, flow).await,
        Err(error) => Ok(Err(error)),
    }
}
