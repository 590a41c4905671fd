//! Where tokens come from: one file a source, and THE LIST of those that are tried by default.

pub mod authorization_code;
pub mod azure_cli;
pub mod azure_developer_cli;
pub mod azure_pipelines;
pub mod client_credentials;
pub mod default;
pub mod device_code;
pub mod environment;
pub mod managed_identity;
pub mod on_behalf_of;
pub mod shared_token_cache;
pub mod sign_in;
pub mod username_password;
pub mod workload_identity;

use crate::call_context::CallContext;
use crate::error::Error;
use crate::host::BoxFuture;
use crate::request::TokenRequest;
use crate::token::AccessToken;
use alloc::rc::Rc;

/// Something that tokens can be had from.
pub trait Source {
    /// Its name in messages and attempts, e.g. `managed-identity`.
    fn name(&self) -> &'static str;

    /// Asks for a token. Keeps no cache; [`Credential`](crate::credential::Credential) does.
    ///
    /// # Errors
    /// `unavailable` when the source is not configured here, which lets a chain go on; any other
    /// kind when it is, and failed.
    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>>;
}

/// A source of the default chain.
#[derive(Debug)]
pub struct DefaultSource {
    /// Its name here.
    pub name: &'static str,
    /// Its name in the Azure SDKs, which `AZURE_TOKEN_CREDENTIALS` may hold.
    pub sdk_name: &'static str,
    /// Which of the two groups of `AZURE_TOKEN_CREDENTIALS` it belongs to.
    pub group: Group,
    /// Makes it.
    pub make: fn(&default::Options) -> Rc<dyn Source>,
}

/// The groups that `AZURE_TOKEN_CREDENTIALS` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// `dev`: whoever is logged in on a developer's machine.
    Dev,
    /// `prod`: what a deployed program has.
    Prod,
}

/// THE LIST, in the order of azure-identity's `DefaultAzureCredential`.
pub const DEFAULT: &[DefaultSource] = &[
    DefaultSource {
        name: "environment",
        sdk_name: "EnvironmentCredential",
        group: Group::Prod,
        make: |options| {
            Rc::new(environment::Environment { allowed_tenants: options.allowed_tenants.clone() })
        },
    },
    DefaultSource {
        name: "workload-identity",
        sdk_name: "WorkloadIdentityCredential",
        group: Group::Prod,
        make: |options| {
            Rc::new(workload_identity::WorkloadIdentity::new(workload_identity::Options {
                allowed_tenants: options.allowed_tenants.clone(),
                ..Default::default()
            }))
        },
    },
    DefaultSource {
        name: "managed-identity",
        sdk_name: "ManagedIdentityCredential",
        group: Group::Prod,
        make: |options| {
            Rc::new(managed_identity::ManagedIdentity::of_environment(options.managed_identity.clone()))
        },
    },
    DefaultSource {
        name: shared_token_cache::NAME,
        sdk_name: "SharedTokenCacheCredential",
        group: Group::Dev,
        make: |options| {
            Rc::new(shared_token_cache::SharedTokenCache::new(shared_token_cache::Options {
                allowed_tenants: options.allowed_tenants.clone(),
                ..Default::default()
            }))
        },
    },
    DefaultSource {
        name: "azure-cli",
        sdk_name: "AzureCliCredential",
        group: Group::Dev,
        make: |options| {
            Rc::new(azure_cli::AzureCli::new(azure_cli::Options {
                allowed_tenants: options.allowed_tenants.clone(),
                ..Default::default()
            }))
        },
    },
    DefaultSource {
        name: azure_developer_cli::NAME,
        sdk_name: "AzureDeveloperCliCredential",
        group: Group::Dev,
        make: |options| {
            Rc::new(azure_developer_cli::AzureDeveloperCli {
                allowed_tenants: options.allowed_tenants.clone(),
            })
        },
    },
];
