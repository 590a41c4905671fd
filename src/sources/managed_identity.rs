//! The managed identity of the Azure host that the program runs on.
//!
//! The environment and the files of the machine say which host it is: the first line of [`HOSTS`] that
//! matches. Each host is one file; [`endpoint`] has what they share.

pub mod aks;
pub mod app_service;
pub mod azure_arc;
pub mod azure_ml;
pub mod cloud_shell;
pub mod endpoint;
pub mod imds;
pub mod managed_host;
pub mod service_fabric;
pub mod user_assigned;

use crate::call_context::CallContext;
use crate::error::Error;
use crate::host::{self, FileError, Host};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::throttling::Unthrottled;
use crate::token::AccessToken;
use managed_host::{ManagedHost, NAME, Protocol, RequestContext};
use user_assigned::{IdKind, UserAssigned};

/// How each managed host is detected, in the order of azure-identity for Python. The first line that matches
/// decides.
pub const HOSTS: &[(Detection, &ManagedHost)] = &[
    (Detection::Variables(&["IDENTITY_ENDPOINT", "IDENTITY_SERVER_THUMBPRINT"]), &service_fabric::HOST),
    (Detection::Variables(&["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]), &app_service::HOST),
    (Detection::Variables(&["IMDS_ENDPOINT"]), &azure_arc::HOST),
    // One of App Service's two variables; its error names the missing one.
    (Detection::Variables(&["IDENTITY_ENDPOINT"]), &app_service::HOST),
    (Detection::Variables(&["MSI_ENDPOINT", "MSI_SECRET"]), &azure_ml::HOST),
    (Detection::Variables(&["MSI_ENDPOINT"]), &cloud_shell::HOST),
    (Detection::Variables(&["AZURE_FEDERATED_TOKEN_FILE"]), &aks::HOST),
    (Detection::File("/opt/azcmagent/bin/himds"), &azure_arc::HOST),
    (Detection::Always, &imds::HOST),
];

/// What a managed host is detected by.
#[derive(Debug)]
pub enum Detection {
    /// All of these variables are set.
    Variables(&'static [&'static str]),
    /// This file exists.
    File(&'static str),
    /// It is assumed when no other host is detected.
    Always,
}

/// The source.
#[derive(Debug)]
pub struct ManagedIdentity {
    identity: Option<UserAssigned>,
    /// Whether `AZURE_CLIENT_ID` names the identity when the caller does not.
    of_environment: bool,
}

impl ManagedIdentity {
    /// The given identity; `None`: the system-assigned one.
    pub fn new(identity: Option<UserAssigned>) -> Self {
        Self { identity, of_environment: false }
    }

    /// The given identity; `None`: the one that `AZURE_CLIENT_ID` names, else the system-assigned one, as in
    /// azure-identity's `DefaultAzureCredential`.
    pub fn of_environment(identity: Option<UserAssigned>) -> Self {
        Self { identity, of_environment: true }
    }

    /// The identity of a request; `None`: the system-assigned one.
    fn identity(&self, host: &dyn Host) -> Result<Option<UserAssigned>, Error> {
        if self.identity.is_some() || !self.of_environment {
            return Ok(self.identity.clone());
        }
        let id = host::env(host, "AZURE_CLIENT_ID");
        id.map(|id| UserAssigned::parse(IdKind::Client, id.trim().to_owned())).transpose()
    }
}

#[maybe_async(AFIT)]
impl Source for ManagedIdentity {
    fn name(&self) -> &'static str {
        NAME
    }

    fn issues_by_resource(&self) -> bool {
        true
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let identity = self.identity(call.host)?;
        let host = detect(call.host).await;
        let resource = request.resource(NAME)?;
        let context = RequestContext { call, host, request, resource, identity: identity.as_ref() };
        let unthrottled = Unthrottled::check(call, NAME, kind_of_request(&context))?;
        let outcome = match host.protocol {
            Protocol::SingleRequest(build_request) => {
                let prepared = build_request(&context)?;
                endpoint::fetch_token(&context, &prepared).await
            }
            Protocol::Custom(fetch_token) => fetch_token(context).await,
        };
        outcome.inspect_err(|error| unthrottled.note(error))
    }
}

/// What identifies a kind of request for [`Unthrottled`]. The endpoint is one for each managed host; the tenant matters
/// to AKS alone.
fn kind_of_request(context: &RequestContext<'_>) -> String {
    let identity = context.identity.map(|identity| (identity.kind().title(), identity.id()));
    let (kind, id) = identity.unwrap_or_default();
    let tenant = context.request.tenant_id().map_or("", |tenant| tenant.as_str());
    [context.host.source, context.resource.as_str(), tenant, kind, id].join("\n")
}

/// The managed host that the program runs on.
#[maybe_async]
async fn detect(host: &dyn Host) -> &'static ManagedHost {
    for (detection, candidate) in HOSTS {
        let is_detected = match detection {
            Detection::Variables(names) => names.iter().all(|name| host::env(host, name).is_some()),
            Detection::File(path) => {
                let content = host.read_file(path, 0).await;
                // A file that is larger than the limit of no bytes exists.
                matches!(content, Ok(_) | Err(FileError::TooLarge))
            }
            Detection::Always => true,
        };
        if is_detected {
            return candidate;
        }
    }
    &imds::HOST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::host::fake::FakeHost;

    fn source(variables: &[&str]) -> &'static str {
        let host = variables.iter().fold(FakeHost::new(), |host, name| host.env(name, "x"));
        run(detect(&host)).source.strip_prefix("managed-identity/").expect("the common prefix")
    }

    #[test]
    fn the_variables_identify_the_host() {
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
    fn the_agents_program_identifies_azure_arc_when_no_variable_identifies_a_host() {
        let host = FakeHost::new().file("/opt/azcmagent/bin/himds", "ELF");
        assert_eq!(run(detect(&host)).title, "Azure Arc");
        assert_eq!(run(detect(&host.env("MSI_ENDPOINT", "x"))).title, "Cloud Shell");
    }
}
