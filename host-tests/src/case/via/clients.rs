//! Credentials of services: a client that asks in its own name.

use super::Made;
use super::options::{Assertion, Certificate, Options};
use crate::bindings::credentials::WorkloadIdentityOptions;
use crate::guest::Guest;
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

/// Arguments of `client-certificate`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientCertificate {
    tenant_id: String,
    client_id: String,
    certificate: Certificate,
    #[serde(default)]
    options: Options,
}

/// Arguments of `client-assertion`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientAssertion {
    tenant_id: String,
    client_id: String,
    assertion: Assertion,
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
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let (c, store) = guest.credentials();
        let options = self.options.into_wit();
        Ok(c.call_client_secret(store, &self.tenant_id, &self.client_id, &self.client_secret, &options)
            .await?)
    }
}

impl ClientCertificate {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let (c, store) = guest.credentials();
        let (certificate, options) = (self.certificate.into_wit()?, self.options.into_wit());
        Ok(c.call_client_certificate(store, &self.tenant_id, &self.client_id, &certificate, &options).await?)
    }
}

impl ClientAssertion {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let assertion = match self.assertion.into_wit(guest).await? {
            Ok(assertion) => assertion,
            Err(error) => return Ok(Err(error)),
        };
        let (c, store) = guest.credentials();
        let options = self.options.into_wit();
        Ok(c.call_client_assertion(store, &self.tenant_id, &self.client_id, &assertion, &options).await?)
    }
}

impl WorkloadIdentity {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let options = WorkloadIdentityOptions {
            tenant_id: self.tenant_id,
            client_id: self.client_id,
            token_file_path: self.token_file_path,
            client: self.client.into_wit(),
        };
        let (c, store) = guest.credentials();
        Ok(c.call_workload_identity(store, &options).await?)
    }
}

impl AzurePipelines {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let (c, store) = guest.credentials();
        let options = self.options.into_wit();
        let (connection, token) = (&self.service_connection_id, &self.system_access_token);
        let made =
            c.call_azure_pipelines(store, &self.tenant_id, &self.client_id, connection, token, &options);
        Ok(made.await?)
    }
}
