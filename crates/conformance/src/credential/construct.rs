//! Constructs credentials in a guest.

use super::config::{Client, CredentialConfig};
use anyhow::Result;
use host_tests::arguments::{ChainOptions, ClientOptions, SignInOptions};
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
                    Box::pin(async move {
                        functions.call_chain(store, &credentials, &ChainOptions::default()).await
                    })
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
            Self::AuthorizationCode(app, code) => c.call_authorization_code(store, &app, &code, None).await,
            Self::AzureCli(options) => c.call_azure_cli(store, &options).await,
            Self::AzurePipelines(client, connection) => {
                c.call_azure_pipelines(store, &client, &connection).await
            }
            Self::ClientAssertion(client, assertion) => {
                c.call_client_assertion(store, &client, &assertion).await
            }
            Self::ClientCertificate(client, certificate) => {
                c.call_client_certificate(store, &client, &certificate).await
            }
            Self::ClientSecret(client, secret) => c.call_client_secret(store, &client, &secret).await,
            Self::DefaultChain(options) => c.call_default_chain(store, &options).await,
            Self::DeviceCode(client) => sign_in(c, store, &client, &scopes).await,
            Self::Environment => c.call_environment(store, &ClientOptions::default()).await,
            Self::ManagedIdentity(identity) => c.call_managed_identity(store, &identity).await,
            Self::OnBehalfOf(client, authentication, user) => {
                c.call_on_behalf_of(store, &client, &authentication, &user).await
            }
            Self::SharedTokenCache(options) => c.call_shared_token_cache(store, &options).await,
            Self::UsernamePassword(client, grant) => c.call_username_password(store, &client, &grant).await,
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
    let options = SignInOptions::default();
    let started = functions.call_begin_device_code(&mut *store, client, scopes, &options).await?;
    match started {
        Ok(flow) => functions.call_wait(store, flow).await,
        Err(error) => Ok(Err(error)),
    }
}
