//! Credentials of service principals, which authenticate as themselves.

use super::options::Options;
use crate::arguments::WorkloadIdentityOptions;
use crate::bindings::ServiceConnection;
use crate::functions::CredentialResult;
use crate::guest::Guest;
use anyhow::Result;
use serde::Deserialize;

/// Arguments of `client-secret`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientSecret {
    tenant_id: String,
    client_id: String,
    client_secret: String,
    #[serde(default)]
    options: Options,
}

/// Arguments of `workload-identity`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct WorkloadIdentity {
    tenant_id: Option<String>,
    client_id: Option<String>,
    token_file_path: Option<String>,
    client: Options,
}

/// Arguments of `azure-pipelines`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AzurePipelines {
    tenant_id: String,
    client_id: String,
    service_connection_id: String,
    system_access_token: String,
    #[serde(default)]
    options: Options,
}

impl ClientSecret {
    pub(super) async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let client = self.options.of_client(self.tenant_id, self.client_id);
        let (c, store) = guest.credentials();
        Ok(c.call_client_secret(store, &client, &self.client_secret).await?)
    }
}

impl WorkloadIdentity {
    pub(super) async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let options = WorkloadIdentityOptions {
            tenant_id: self.tenant_id,
            client_id: self.client_id,
            token_file_path: self.token_file_path,
            client: self.client.into_argument(),
        };
        let (c, store) = guest.credentials();
        Ok(c.call_workload_identity(store, &options).await?)
    }
}

impl AzurePipelines {
    pub(super) async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let client = self.options.of_client(self.tenant_id, self.client_id);
        let (id, system_access_token) = (self.service_connection_id, self.system_access_token);
        let connection = ServiceConnection { id, system_access_token };
        let (c, store) = guest.credentials();
        Ok(c.call_azure_pipelines(store, &client, &connection).await?)
    }
}
