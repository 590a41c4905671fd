//! The managed identity of the Azure host this runs on.
//!
//! Which host that is, the environment says; where it says nothing, it is a machine with IMDS.

pub mod imds;

use super::Source;
use super::workload_identity::WorkloadIdentity;
use crate::call::Call;
use crate::error::Error;
use crate::host::{self, BoxFuture, Host};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::AccessToken;

/// Which of several identities is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserAssigned {
    /// By its client id.
    ClientId(String),
    /// By its object (principal) id.
    ObjectId(String),
    /// By its Azure resource id.
    ResourceId(String),
}

impl UserAssigned {
    /// The id itself.
    pub fn id(&self) -> &str {
        match self {
            Self::ClientId(id) | Self::ObjectId(id) | Self::ResourceId(id) => id,
        }
    }

    /// Checks an id that a caller gave.
    ///
    /// # Errors
    /// `invalid-request` when it is blank or has characters that no id has.
    pub fn parse(self) -> Result<Self, Error> {
        let id = self.id();
        // Resource ids hold names of resource groups, which may have spaces and parentheses.
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./() ".contains(c) || !c.is_ascii();
        if id.trim().is_empty() || id.len() > MAX_ID || !id.chars().all(allowed) {
            return Err(Error::invalid(
                NAME,
                "the id of the user-assigned identity is blank or has characters that no id has",
            ));
        }
        Ok(self)
    }
}

/// The source.
#[derive(Debug)]
pub struct ManagedIdentity {
    identity: Option<UserAssigned>,
    /// Whether `AZURE_CLIENT_ID` names the identity when nobody else does.
    of_environment: bool,
}

impl ManagedIdentity {
    /// That identity; `None`: the system-assigned one.
    pub fn new(identity: Option<UserAssigned>) -> Self {
        Self { identity, of_environment: false }
    }

    /// That identity; `None`: the one that `AZURE_CLIENT_ID` names, else the system-assigned one. So
    /// does azure-identity's `DefaultAzureCredential`.
    pub fn of_environment(identity: Option<UserAssigned>) -> Self {
        Self { identity, of_environment: true }
    }

    async fn request(&self, call: &Call<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let named = || host::env(call.host, "AZURE_CLIENT_ID").filter(|_| self.of_environment);
        let identity = match &self.identity {
            Some(identity) => Some(identity.clone()),
            None => named().map(|id| UserAssigned::ClientId(id.trim().to_owned()).parse()).transpose()?,
        };
        if let Some(variable) = other_host(call.host) {
            let what = format_args!(
                "{variable} is set, and managed identity on that host is not implemented yet; only IMDS is"
            );
            return Err(Error::other(NAME, what));
        }
        if let Some(workload) = WorkloadIdentity::as_managed_identity(call.host, identity.as_ref())? {
            return workload.get_token(call, request).await;
        }
        imds::get_token(call, request, identity.as_ref()).await
    }
}

impl Source for ManagedIdentity {
    fn name(&self) -> &'static str {
        NAME
    }

    fn get_token<'a>(
        &'a self,
        call: &'a Call<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        Box::pin(self.request(call, request))
    }
}

/// The variable by which another host than a plain machine announces itself.
fn other_host(host: &dyn Host) -> Option<&'static str> {
    ["IDENTITY_ENDPOINT", "MSI_ENDPOINT", "IMDS_ENDPOINT"]
        .into_iter()
        .find(|name| host::env(host, name).is_some())
}

const NAME: &str = "managed-identity";
const MAX_ID: usize = 1024;
