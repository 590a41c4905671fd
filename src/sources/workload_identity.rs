//! Workload identity: a platform such as Kubernetes issues a federated token for the workload and writes it
//! to a file (Microsoft Learn, "Microsoft Entra Workload ID on Azure Kubernetes Service").
//!
//! The variables are `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE`, as the webhook of
//! AKS sets them. Other sources use the first two as well; only the file announces this one.

use super::client_credentials::ClientCredentials;
use super::environment::missing;
use super::managed_identity::user_assigned::UserAssigned;
use crate::call_context::CallContext;
use crate::entra::assertion::Assertion;
use crate::entra::{Client, ClientOptions};
use crate::error::Error;
use crate::host::{self, Host};
use crate::identifiers::{ClientId, IdentifierError, TenantId};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::token::AccessToken;
use alloc::rc::Rc;

/// What the caller sets. The environment has the rest, and is read with each request.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The tenant; `None`: `AZURE_TENANT_ID`.
    pub tenant_id: Option<TenantId>,
    /// The client; `None`: `AZURE_CLIENT_ID`.
    pub client_id: Option<ClientId>,
    /// The file with the federated token; `None`: `AZURE_FEDERATED_TOKEN_FILE`.
    pub token_file_path: Option<String>,
    /// The settings of the client.
    pub client: ClientOptions,
}

/// The source.
#[derive(Debug)]
pub struct WorkloadIdentity {
    options: Options,
    name: &'static str,
    label: &'static str,
}

impl WorkloadIdentity {
    /// The workload that options and environment describe.
    pub fn new(options: Options) -> Self {
        Self { options, name: NAME, label: NAME }
    }

    /// Workload identity in place of managed identity, as in the Azure SDKs: the pods of AKS have no managed
    /// identity. `Ok(None)`: the environment has no workload identity.
    ///
    /// # Errors
    /// `invalid-argument` for an identity that is not named by its client id.
    pub fn as_managed_identity(
        host: &dyn Host,
        identity: Option<&UserAssigned>,
    ) -> Result<Option<Self>, Error> {
        let is_set = |name| host::env(host, name).is_some();
        let has_client_id =
            identity.is_some_and(|identity| identity.client_id().is_some()) || is_set(CLIENT_ID);
        if !(is_set(TOKEN_FILE) && is_set(TENANT_ID) && has_client_id) {
            return Ok(None);
        }
        let malformed = |error: IdentifierError| {
            Error::invalid_argument(MANAGED_IDENTITY, format_args!("{CLIENT_ID} {error}"))
        };
        let client_id = match identity.map(UserAssigned::client_id) {
            None => None,
            Some(Some(id)) => Some(ClientId::parse(id).map_err(malformed)?),
            Some(None) => {
                return Err(Error::invalid_argument(
                    MANAGED_IDENTITY,
                    "workload identity stands in for managed identity here, and knows identities by client id alone; name it so",
                ));
            }
        };
        let options = Options { client_id, ..Default::default() };
        Ok(Some(Self { options, name: MANAGED_IDENTITY, label: "managed-identity/workload-identity" }))
    }

    fn client_credentials(&self, host: &dyn Host) -> Result<ClientCredentials, Error> {
        let options = &self.options;
        let path = options.token_file_path.clone().or_else(|| host::env(host, TOKEN_FILE));
        let path = path.ok_or_else(|| {
            Error::not_configured(
                self.name,
                "AZURE_FEDERATED_TOKEN_FILE is not set; set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE to use a federated token",
            )
        })?;
        let (tenant_id, client_id) = self.ids(host)?;
        let client = options.client.with_tenants_of_environment(host);
        let client = client.client(host, self.name, tenant_id, client_id)?;
        self.check_proxy(host, &client)?;
        let named_by = if options.token_file_path.is_some() { "token-file-path" } else { TOKEN_FILE };
        let assertion = Assertion::File { path, named_by };
        Ok(ClientCredentials::new(client, Rc::new(assertion), self.label))
    }

    fn ids(&self, host: &dyn Host) -> Result<(TenantId, ClientId), Error> {
        let (tenant_id, client_id) = (self.options.tenant_id.clone(), self.options.client_id.clone());
        let tenant_id = tenant_id.map(Ok).or_else(|| host::env(host, TENANT_ID).map(TenantId::parse));
        let client_id = client_id.map(Ok).or_else(|| host::env(host, CLIENT_ID).map(ClientId::parse));
        let malformed = |name: &str, error: IdentifierError| {
            Error::invalid_argument(self.name, format_args!("{name} {error}"))
        };
        match (tenant_id, client_id) {
            (Some(tenant_id), Some(client_id)) => Ok((
                tenant_id.map_err(|error| malformed(TENANT_ID, error))?,
                client_id.map_err(|error| malformed(CLIENT_ID, error))?,
            )),
            // AKS sets the file for pods that name no client, too. The source is not configured then.
            (tenant_id, client_id) => {
                let missing = missing(&[(TENANT_ID, tenant_id.is_some()), (CLIENT_ID, client_id.is_some())]);
                let what = format_args!("there is a federated token file; set {missing} as well");
                Err(Error::not_configured(self.name, what))
            }
        }
    }

    /// With the "identity bindings" of AKS the token is for a proxy. Microsoft Entra does not accept it.
    fn check_proxy(&self, host: &dyn Host, client: &Client) -> Result<(), Error> {
        if host::env(host, "AZURE_KUBERNETES_TOKEN_PROXY").is_none() {
            return Ok(());
        }
        let what = format_args!(
            "AZURE_KUBERNETES_TOKEN_PROXY is set, and no component can choose the server name and the CA that this proxy needs; have the host send requests for {} to it, with AZURE_KUBERNETES_SNI_NAME as server name and the CA in AZURE_KUBERNETES_CA_FILE or AZURE_KUBERNETES_CA_DATA, and unset AZURE_KUBERNETES_TOKEN_PROXY for the component",
            client.authority.authority()
        );
        Err(Error::invalid_argument(self.name, what))
    }
}

#[maybe_async(AFIT)]
impl Source for WorkloadIdentity {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        self.client_credentials(call.host)?.get_token(call, request).await
    }
}

const NAME: &str = "workload-identity";
const MANAGED_IDENTITY: &str = "managed-identity";
const TENANT_ID: &str = "AZURE_TENANT_ID";
const CLIENT_ID: &str = "AZURE_CLIENT_ID";
const TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
