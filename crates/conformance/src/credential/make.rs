//! Makes credentials in a guest.

use super::{Client, Plan};
use anyhow::Result;
use host_tests::bindings::CredentialError;
use host_tests::functions::Functions;
use host_tests::guest::Guest;
use host_tests::surroundings::State;
use wasmtime::Store;
use wasmtime::component::ResourceAny;

/// What making a credential gives.
pub type Made = Result<ResourceAny, CredentialError>;

impl Plan {
    /// Makes the credential; `None`: there is none to make, `token-credential` is asked. `scopes` are
    /// for a sign-in that needs them at its start.
    ///
    /// # Errors
    /// When the guest traps.
    pub async fn make(self, guest: &mut Guest, scopes: &[String]) -> Result<Option<Made>> {
        let scopes = scopes.to_vec();
        match self {
            Self::TokenCredential => Ok(None),
            Self::Chain(members) => {
                let mut made = Vec::new();
                for member in members {
                    match Box::pin(member.make(guest, &scopes)).await? {
                        Some(Ok(credential)) => made.push(credential),
                        failed => return Ok(failed),
                    }
                }
                let chain = guest.call(move |functions, store| {
                    Box::pin(async move { functions.call_chain(store, &made).await })
                });
                chain.await.map(Some)
            }
            plan => guest
                .call(move |functions, store| Box::pin(plan.call(functions, store, scopes)))
                .await
                .map(Some),
        }
    }

    async fn call(
        self,
        functions: &Functions,
        store: &mut Store<State>,
        scopes: Vec<String>,
    ) -> wasmtime::Result<Made> {
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
            Self::OnBehalfOf(Client { tenant_id, client_id, options }, proof, user) => {
                c.call_on_behalf_of(store, &tenant_id, &client_id, &proof, &user, &options).await
            }
            Self::SharedTokenCache(options) => c.call_shared_token_cache(store, &options).await,
            Self::UsernamePassword(Client { tenant_id, client_id, options }, username, password) => {
                c.call_username_password(store, &tenant_id, &client_id, &username, &password, &options).await
            }
            Self::WorkloadIdentity(options) => c.call_workload_identity(store, &options).await,
            Self::TokenCredential | Self::Chain(_) => wasmtime::bail!("no single function makes this"),
        }
    }
}

/// The user, who signs in as soon as the service lets him, is the script of the case.
async fn sign_in(
    functions: &Functions,
    store: &mut Store<State>,
    client: &Client,
    scopes: &[String],
) -> wasmtime::Result<Made> {
    let Client { tenant_id, client_id, options } = client;
    let begun = functions.call_device_code(&mut *store, tenant_id, client_id, scopes, options).await?;
    match begun {
        Ok(flow) => functions.device_code_flow().call_wait(store, flow).await,
        Err(error) => Ok(Err(error)),
    }
}
