//! The managed identity of the Azure host this runs on.
//!
//! Which host that is, the surroundings say: the first line of [`HOSTS`] whose sign is there. One file
//! a host; [`endpoint`] has what they share.

pub mod aks;
pub mod app_service;
pub mod azure_arc;
pub mod azure_ml;
pub mod cloud_shell;
pub mod endpoint;
pub mod imds;
pub mod service_fabric;

use super::Source;
use crate::call_context::CallContext;
use crate::error::Error;
use crate::host::{self, BoxFuture, FileError, Host, boxed};
use crate::http::{HttpError, Request};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::retry::Policy;
use crate::token::{AccessToken, Secret};

/// THE TABLE: what a host is known by, and the host. The first line that fits decides, in the order of
/// azure-identity for Python.
pub const HOSTS: &[(Detection, &ManagedHost)] = &[
    (Detection::Variables(&["IDENTITY_ENDPOINT", "IDENTITY_SERVER_THUMBPRINT"]), &service_fabric::HOST),
    (Detection::Variables(&["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]), &app_service::HOST),
    (Detection::Variables(&["IMDS_ENDPOINT"]), &azure_arc::HOST),
    // Half of App Service's variables; it says which one is missing.
    (Detection::Variables(&["IDENTITY_ENDPOINT"]), &app_service::HOST),
    (Detection::Variables(&["MSI_ENDPOINT", "MSI_SECRET"]), &azure_ml::HOST),
    (Detection::Variables(&["MSI_ENDPOINT"]), &cloud_shell::HOST),
    (Detection::Variables(&["AZURE_FEDERATED_TOKEN_FILE"]), &aks::HOST),
    (Detection::File("/opt/azcmagent/bin/himds"), &azure_arc::HOST),
    (Detection::Always, &imds::HOST),
];

/// What a host is known by.
#[derive(Debug)]
pub enum Detection {
    /// All of these variables are set.
    Variables(&'static [&'static str]),
    /// This file is there.
    File(&'static str),
    /// Nothing, so it is the one when no other is.
    Always,
}

/// A kind of host that has managed identities.
#[derive(Debug)]
pub struct ManagedHost {
    /// What its tokens are said to come from, e.g. `managed-identity/app-service`.
    pub source: &'static str,
    /// What people call it; stands in messages.
    pub title: &'static str,
    /// How often and how long it is asked.
    pub policy: &'static Policy,
    /// What to do when it cannot be asked, with `; ` in front; empty: nothing that helps.
    pub remedy: fn(HttpError) -> &'static str,
    /// How it is asked.
    pub protocol: Protocol,
}

/// How a host is asked.
#[derive(Debug)]
pub enum Protocol {
    /// With one request.
    SingleRequest(fn(&RequestContext<'_>) -> Result<Prepared, Error>),
    /// In a way of its own.
    Custom(for<'a> fn(RequestContext<'a>) -> BoxFuture<'a, Result<AccessToken, Error>>),
}

/// A request, ready to be sent.
#[derive(Debug)]
pub struct Prepared {
    /// The request.
    pub request: Request,
    /// The secret in it, which no message may repeat; `None`: there is none.
    pub secret: Option<Secret>,
}

/// A host and what it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext<'a> {
    /// The call.
    pub call: &'a CallContext<'a>,
    /// The host.
    pub host: &'static ManagedHost,
    /// The request.
    pub request: &'a TokenRequest,
    /// The one resource of the request.
    pub resource: &'a str,
    /// The user-assigned identity that is meant; `None`: the host's own.
    pub identity: Option<&'a UserAssigned>,
}

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

    /// The one of these names that is for its kind of id: client id, object id, resource id.
    pub fn named(&self, [client_id, object_id, resource_id]: [&'static str; 3]) -> &'static str {
        match self {
            Self::ClientId(_) => client_id,
            Self::ObjectId(_) => object_id,
            Self::ResourceId(_) => resource_id,
        }
    }

    /// Checks an id that a caller gave.
    ///
    /// # Errors
    /// `invalid-request` when it is blank or has characters that no id has.
    pub fn parse(self) -> Result<Self, Error> {
        let id = self.id();
        // Resource ids hold names of resource groups, which may have spaces and parentheses.
        let allowed = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '(' | ')' | ' ') || !c.is_ascii()
        };
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

    #[maybe_async]
    async fn fetch_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
    ) -> Result<AccessToken, Error> {
        let named = || host::env(call.host, "AZURE_CLIENT_ID").filter(|_| self.of_environment);
        let identity = match &self.identity {
            Some(identity) => Some(identity.clone()),
            None => named().map(|id| UserAssigned::ClientId(id.trim().to_owned()).parse()).transpose()?,
        };
        let (host, identity) = (find(call.host).await, identity.as_ref());
        let context = RequestContext { call, host, request, resource: request.resource(NAME)?, identity };
        match host.protocol {
            Protocol::SingleRequest(prepare) => {
                let prepared = prepare(&context)?;
                endpoint::get_token(&context, &prepared).await
            }
            Protocol::Custom(get_token) => get_token(context).await,
        }
    }
}

impl Source for ManagedIdentity {
    fn name(&self) -> &'static str {
        NAME
    }

    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(self.fetch_token(call, request))
    }
}

/// The host whose sign is there.
#[maybe_async]
async fn find(host: &dyn Host) -> &'static ManagedHost {
    for (sign, candidate) in HOSTS {
        let is_there = match sign {
            Detection::Variables(names) => names.iter().all(|name| host::env(host, name).is_some()),
            // Larger than nothing is there as well.
            Detection::File(path) => {
                matches!(host.read_file(path, 0).await, Ok(_) | Err(FileError::TooLarge))
            }
            Detection::Always => true,
        };
        if is_there {
            return candidate;
        }
    }
    &imds::HOST
}

const NAME: &str = "managed-identity";
const MAX_ID: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call_context::run;
    use crate::host::fake::FakeHost;

    fn source(variables: &[&str]) -> &'static str {
        let host = variables.iter().fold(FakeHost::new(), |host, name| host.env(name, "x"));
        run(find(&host)).source.strip_prefix("managed-identity/").expect("the prefix of all")
    }

    #[test]
    fn the_variables_that_are_set_say_which_host_it_is() {
        for (variables, expected) in [
            (&[][..], "imds"),
            (&["IDENTITY_HEADER"], "imds"),
            // Container Instances set these two and have an IMDS.
            (&["IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"], "imds"),
            (&["MSI_SECRET"], "imds"),
            (&["IDENTITY_ENDPOINT"], "app-service"),
            (&["IDENTITY_ENDPOINT", "IDENTITY_HEADER"], "app-service"),
            (&["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET"], "app-service"),
            (&["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IMDS_ENDPOINT"], "app-service"),
            (&["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"], "service-fabric"),
            (&["IDENTITY_ENDPOINT", "IDENTITY_SERVER_THUMBPRINT"], "service-fabric"),
            (&["IDENTITY_ENDPOINT", "IMDS_ENDPOINT"], "azure-arc"),
            (&["IMDS_ENDPOINT"], "azure-arc"),
            (&["MSI_ENDPOINT", "MSI_SECRET"], "azure-ml"),
            (&["MSI_ENDPOINT"], "cloud-shell"),
        ] {
            assert_eq!(source(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn the_agents_program_says_that_it_is_azure_arc_when_no_variable_says_anything() {
        let host = FakeHost::new().file("/opt/azcmagent/bin/himds", "ELF");
        assert_eq!(run(find(&host)).title, "Azure Arc");
        assert_eq!(run(find(&host.env("MSI_ENDPOINT", "x"))).title, "Cloud Shell");
    }
}
