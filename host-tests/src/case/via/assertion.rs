//! The credentials that prove themselves by assertions.

use super::{Made, Options, Via};
use crate::bindings::credentials::{Assertion as WitAssertion, FederatedAssertion, WorkloadIdentityOptions};
use crate::case::signed::Signed;
use crate::guest::Guest;
use anyhow::Result;
use serde::Deserialize;

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

/// `assertion`; one that is signed is handed over as text.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Assertion {
    Text(String),
    Signed(Signed),
    File(String),
    Federated { credential: Box<Via>, scope: Option<String> },
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

impl ClientAssertion {
    pub async fn make(self, guest: &mut Guest) -> Result<Made> {
        let assertion = match self.assertion {
            Assertion::Text(text) => WitAssertion::Text(text),
            Assertion::Signed(signed) => WitAssertion::Text(signed.sign()),
            Assertion::File(path) => WitAssertion::File(path),
            Assertion::Federated { credential, scope } => {
                let made = Box::pin(credential.make(guest)).await?;
                match made.expect("an assertion comes from a credential") {
                    Ok(credential) => WitAssertion::Federated(FederatedAssertion { credential, scope }),
                    Err(error) => return Ok(Err(error)),
                }
            }
        };
        let options = self.options.into_wit();
        let (tenant_id, client_id) = (self.tenant_id, self.client_id);
        guest
            .make(move |c, store| {
                Box::pin(async move {
                    c.call_client_assertion(store, &tenant_id, &client_id, &assertion, &options).await
                })
            })
            .await
    }

    /// What of it is secret.
    pub fn secrets(&self) -> Vec<(String, String)> {
        match &self.assertion {
            Assertion::Text(text) => vec![("assertion".to_owned(), text.trim().to_owned())],
            Assertion::Signed(signed) => vec![("assertion".to_owned(), signed.sign())],
            Assertion::File(_) => Vec::new(),
            Assertion::Federated { credential, .. } => credential.secrets(),
        }
    }
}

impl WorkloadIdentity {
    pub async fn make(self, guest: &mut Guest) -> Result<Made> {
        let options = WorkloadIdentityOptions {
            tenant_id: self.tenant_id,
            client_id: self.client_id,
            token_file_path: self.token_file_path,
            client: self.client.into_wit(),
        };
        guest
            .make(move |c, store| Box::pin(async move { c.call_workload_identity(store, &options).await }))
            .await
    }
}

impl AzurePipelines {
    pub async fn make(self, guest: &mut Guest) -> Result<Made> {
        let options = self.options.into_wit();
        let Self { tenant_id, client_id, service_connection_id, system_access_token, .. } = self;
        guest
            .make(move |c, store| {
                Box::pin(async move {
                    c.call_azure_pipelines(
                        store,
                        &tenant_id,
                        &client_id,
                        &service_connection_id,
                        &system_access_token,
                        &options,
                    )
                    .await
                })
            })
            .await
    }

    /// What of it is secret.
    pub fn secrets(&self) -> Vec<(String, String)> {
        vec![("System.AccessToken".to_owned(), self.system_access_token.clone())]
    }
}
