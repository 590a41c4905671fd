//! A workload outside Azure's own hosts whose platform vouches for it: a Kubernetes service account,
//! or whatever else leaves a federated token in a file (Microsoft Learn, "Microsoft Entra Workload ID
//! on Azure Kubernetes Service").
//!
//! `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE`, as the webhook of AKS sets
//! them. The first two mean other sources as well; only the file announces this one.

use super::Source;
use super::client_credentials::ClientCredentials;
use super::environment::missing;
use super::managed_identity::UserAssigned;
use crate::call_context::CallContext;
use crate::entra::assertion::Assertion;
use crate::entra::authority::Authority;
use crate::entra::{self, Client};
use crate::error::Error;
use crate::host::{self, BoxFuture, Host, boxed};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::AccessToken;
use alloc::rc::Rc;

/// What is known beforehand; the environment has the rest, when a token is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The tenant; `None`: `AZURE_TENANT_ID`.
    pub tenant_id: Option<String>,
    /// The client; `None`: `AZURE_CLIENT_ID`.
    pub client_id: Option<String>,
    /// The file with the federated token; `None`: `AZURE_FEDERATED_TOKEN_FILE`.
    pub token_file_path: Option<String>,
    /// The authority; `None`: that of the environment.
    pub authority: Option<Authority>,
    /// The tenants that requests may name besides that, and besides those of the environment.
    pub allowed_tenants: Vec<String>,
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

    /// The same in place of a managed identity. AKS has none for pods, and programs that ask for one
    /// mean this (so do the Azure SDKs). `Ok(None)`: this is no such place.
    ///
    /// # Errors
    /// `invalid-request` for an identity that is not named by its client id.
    pub fn as_managed_identity(
        host: &dyn Host,
        identity: Option<&UserAssigned>,
    ) -> Result<Option<Self>, Error> {
        let is_set = |name| host::env(host, name).is_some();
        let has_client_id = matches!(identity, Some(UserAssigned::ClientId(_))) || is_set(CLIENT_ID);
        if !(is_set(TOKEN_FILE) && is_set(TENANT_ID) && has_client_id) {
            return Ok(None);
        }
        let client_id = match identity {
            None => None,
            Some(UserAssigned::ClientId(id)) => Some(id.clone()),
            Some(_) => {
                return Err(Error::invalid(
                    "managed-identity",
                    "workload identity stands in for managed identity here, and knows identities by client id alone; name it so",
                ));
            }
        };
        let options = Options { client_id, ..Default::default() };
        Ok(Some(Self { options, name: "managed-identity", label: "managed-identity/workload-identity" }))
    }

    fn client_credentials(&self, host: &dyn Host) -> Result<ClientCredentials, Error> {
        let options = &self.options;
        let path = part(host, options.token_file_path.as_ref(), TOKEN_FILE);
        let tenant_id = part(host, options.tenant_id.as_ref(), TENANT_ID);
        let client_id = part(host, options.client_id.as_ref(), CLIENT_ID);
        self.check(&path, &tenant_id, &client_id)?;
        let authority = self.authority(host)?;
        let mut allowed_tenants = entra::allowed_tenants_of_environment(host);
        allowed_tenants.extend_from_slice(&options.allowed_tenants);
        let client = Client { source: self.name, authority, tenant_id, client_id, allowed_tenants };
        let named_by = if options.token_file_path.is_some() { "token-file-path" } else { TOKEN_FILE };
        let assertion = Assertion::File { path, named_by };
        Ok(ClientCredentials::new(client, Rc::new(assertion), self.label))
    }

    fn check(&self, path: &str, tenant_id: &str, client_id: &str) -> Result<(), Error> {
        if path.is_empty() {
            return Err(Error::unavailable(
                self.name,
                "AZURE_FEDERATED_TOKEN_FILE is not set; set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE to use a federated token",
            ));
        }
        // AKS sets the file for pods that name no client, too, so half of it is nothing yet.
        let missing = missing(&[(TENANT_ID, !tenant_id.is_empty()), (CLIENT_ID, !client_id.is_empty())]);
        if !missing.is_empty() {
            let what = format_args!("there is a federated token file; set {missing} as well");
            return Err(Error::unavailable(self.name, what));
        }
        entra::check_ids(self.name, (TENANT_ID, CLIENT_ID), tenant_id, client_id)
    }

    fn authority(&self, host: &dyn Host) -> Result<Authority, Error> {
        let authority = match &self.options.authority {
            Some(authority) => authority.clone(),
            None => entra::authority_of_environment(host, self.name)?,
        };
        // "Identity bindings" of AKS: the token is for a proxy and no good at Microsoft Entra itself,
        // so the proxy cannot be passed over.
        if host::env(host, "AZURE_KUBERNETES_TOKEN_PROXY").is_none() {
            return Ok(authority);
        }
        let what = format_args!(
            "AZURE_KUBERNETES_TOKEN_PROXY is set, and no component can choose the server name and the CA that this proxy needs; have the host send requests for {} to it, with AZURE_KUBERNETES_SNI_NAME as server name and the CA in AZURE_KUBERNETES_CA_FILE or AZURE_KUBERNETES_CA_DATA, and unset AZURE_KUBERNETES_TOKEN_PROXY for the component",
            authority.authority()
        );
        Err(Error::invalid(self.name, what))
    }
}

impl Source for WorkloadIdentity {
    fn name(&self) -> &'static str {
        self.name
    }

    #[maybe_async]
    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(async move { self.client_credentials(call.host)?.get_token(call, request).await })
    }
}

/// What is given, else what the environment has; empty: neither.
fn part(host: &dyn Host, given: Option<&String>, name: &str) -> String {
    given.cloned().or_else(|| host::env(host, name)).unwrap_or_default()
}

const NAME: &str = "workload-identity";
const TENANT_ID: &str = "AZURE_TENANT_ID";
const CLIENT_ID: &str = "AZURE_CLIENT_ID";
const TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
