//! The sources of tokens, one file each, and the default chain of them.

pub mod authorization_code;
pub mod azure_cli;
pub mod azure_developer_cli;
pub mod azure_pipelines;
pub mod client_credentials;
pub mod default;
pub mod developer_login;
pub mod device_code;
pub mod environment;
pub mod managed_identity;
pub mod on_behalf_of;
pub mod redirect;
pub mod shared_token_cache;
pub mod sign_in;
pub mod sign_in_options;
pub mod username_password;
pub mod workload_identity;

use crate::chain::OnFailure;
use crate::entra::ClientOptions;
use crate::source::SharedSource;
use alloc::rc::Rc;
use managed_identity::user_assigned::UserAssigned;

/// A source of the default chain.
#[derive(Debug)]
pub struct DefaultSource {
    /// Its name in messages, attempts and tokens.
    pub name: &'static str,
    /// Its name in the Azure SDKs, which is a value of `AZURE_TOKEN_CREDENTIALS` too.
    pub sdk_name: &'static str,
    /// Its group in `AZURE_TOKEN_CREDENTIALS`.
    pub group: Group,
    /// Makes the source.
    pub make: fn(&SourceOptions) -> SharedSource,
}

/// The options of the default chain that its sources have.
#[derive(Clone, Debug, Default)]
pub struct SourceOptions {
    /// The managed identity; `None`: the one that `AZURE_CLIENT_ID` names, else the system-assigned one.
    pub managed_identity: Option<UserAssigned>,
    /// The settings of the clients of Microsoft Entra.
    pub client: ClientOptions,
}

/// The groups of `AZURE_TOKEN_CREDENTIALS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// `dev`: the user who is logged in on a developer's machine.
    Dev,
    /// `prod`: the identities of a deployed program.
    Prod,
}

impl Group {
    /// What the default chain does when a source of the group is configured and fails (Microsoft Learn,
    /// "Credential chains in the Azure Identity library", `DefaultAzureCredential`: deployed credentials stop
    /// the chain, developer credentials do not). A deployed program must not get another identity silently. A
    /// developer's machine has logins of several tools, some of them old, all of the same person.
    pub fn on_failure(self) -> OnFailure {
        match self {
            Self::Dev => OnFailure::TryNext,
            Self::Prod => OnFailure::Stop,
        }
    }
}

/// The default chain, in the order of azure-identity's `DefaultAzureCredential`.
pub const DEFAULT: &[DefaultSource] = &[
    DefaultSource {
        name: "environment",
        sdk_name: "EnvironmentCredential",
        group: Group::Prod,
        make: |options| Rc::new(environment::Environment::new(options.client.clone())),
    },
    DefaultSource {
        name: "workload-identity",
        sdk_name: "WorkloadIdentityCredential",
        group: Group::Prod,
        make: |options| {
            Rc::new(workload_identity::WorkloadIdentity::new(workload_identity::Options {
                client: options.client.clone(),
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
                client: options.client.clone(),
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
                allowed_tenants: options.client.allowed_tenants.clone(),
                ..Default::default()
            }))
        },
    },
    DefaultSource {
        name: azure_developer_cli::NAME,
        sdk_name: "AzureDeveloperCliCredential",
        group: Group::Dev,
        make: |options| {
            Rc::new(azure_developer_cli::AzureDeveloperCli::new(azure_developer_cli::Options {
                allowed_tenants: options.client.allowed_tenants.clone(),
                ..Default::default()
            }))
        },
    },
];
