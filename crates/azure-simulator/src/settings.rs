//! What the simulated Azure contains: the tables of a test case or of the simulator's settings file.
//!
//! Everything has a default. A list that is given replaces the default list as a whole.

use std::str::FromStr;

use serde::Deserialize;

mod application;
mod fault;
mod fault_flag;
mod federated_credential;
mod key_vault;
mod managed_hosts;
mod pipelines;
mod tenant;
mod token_policy;
mod user;
mod virtual_machine;

pub use crate::service_name::ServiceName;
pub use application::{
    AZURE_CLI, Application, CLIENT_CERTIFICATE, CLIENT_ID, CLIENT_SECRET, PUBLIC_CLIENT_ID, TokenVersion,
};
pub use fault::{FaultKind, FaultSettings, Pattern};
pub use federated_credential::{
    CLUSTER_ISSUER, FederatedCredential, SERVICE_ACCOUNT, TOKEN_EXCHANGE_AUDIENCE,
};
pub use key_vault::{KeyVault, Secret, VAULT_SECRET};
pub use managed_hosts::ManagedHosts;
pub use pipelines::{ISSUER as PIPELINES_ISSUER, Pipelines, ServiceConnection};
pub use tenant::{TENANT_ID, Tenant};
pub use token_policy::{Challenge, DEFAULT_RESOURCES, Lifetimes};
pub use user::{
    DeviceCode, PASSWORD, REFRESH_TOKEN, RefreshToken, RefreshTokenState, USER_OID, USERNAME, User,
    UserDecision,
};
pub use virtual_machine::{
    ManagedIdentity, Presence, SYSTEM_CLIENT_ID, SYSTEM_OBJECT_ID, SYSTEM_RESOURCE_ID, VirtualMachine,
};

/// The simulated Azure as a whole.
///
/// [`Settings::default`] is one tenant with a confidential client, a public client and a user, a virtual machine with
/// a system-assigned and a user-assigned identity, and one key vault. The constants of this module are its ids and
/// secrets.
///
/// ```
/// use azure_simulator::Settings;
///
/// // As the program's settings file: no metadata service, tokens of managed identities that live ten minutes.
/// let settings: Settings = "imds = 'refused'\nlifetimes.managed-identity = 600".parse()?;
/// assert_eq!(settings.lifetimes.managed_identity, 600);
/// # Ok::<(), azure_simulator::settings::SettingsError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// The tenants. An entry that names no tenant belongs to the first.
    pub tenants: Vec<Tenant>,
    /// The registered applications. Microsoft's own public clients (Azure CLI, …) always exist.
    pub applications: Vec<Application>,
    /// The users.
    pub users: Vec<User>,
    /// What is at 169.254.169.254.
    pub imds: Presence,
    /// The virtual machine of that metadata service.
    pub virtual_machine: VirtualMachine,
    /// The job of Azure Pipelines.
    pub pipelines: Pipelines,
    /// The hosts with an identity endpoint of their own.
    pub managed_hosts: ManagedHosts,
    /// The lifetimes of tokens.
    pub lifetimes: Lifetimes,
    /// The resources that tokens are issued for, beside the applications' own `identifier-uris`.
    pub resources: Vec<String>,
    /// The key vaults.
    pub key_vaults: Vec<KeyVault>,
    /// The resources behind a Conditional Access policy.
    pub challenges: Vec<Challenge>,
    /// The device code flow.
    pub device_code: DeviceCode,
    /// Whether redeeming a refresh token revokes it. Microsoft Entra does not do so, other servers may.
    pub rotating_refresh_tokens: bool,
    /// The faults. The first that matches a request is applied before any service handles it.
    pub faults: Vec<FaultSettings>,
}

/// A settings text that is not TOML or does not describe an Azure.
pub type SettingsError = toml::de::Error;

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            tenants: vec![Tenant::example()],
            applications: vec![
                Application::example_confidential_client(),
                Application::example_public_client(),
            ],
            users: vec![User::example()],
            imds: Presence::Azure,
            virtual_machine: VirtualMachine::default(),
            pipelines: Pipelines::default(),
            managed_hosts: ManagedHosts::default(),
            lifetimes: Lifetimes::default(),
            resources: DEFAULT_RESOURCES.iter().map(|&it| it.to_owned()).collect(),
            key_vaults: vec![KeyVault::example()],
            challenges: Vec::new(),
            device_code: DeviceCode::default(),
            rotating_refresh_tokens: false,
            faults: Vec::new(),
        }
    }
}

impl FromStr for Settings {
    type Err = SettingsError;

    /// Parses TOML; a table or key that does not exist is an error.
    fn from_str(text: &str) -> Result<Settings, SettingsError> {
        toml::from_str(text)
    }
}

/// Additions to what exists. Each returns the settings with one more of something; the defaults stay.
///
/// ```
/// use azure_simulator::Settings;
/// use azure_simulator::settings::{Application, FaultSettings, KeyVault, ServiceName, Tenant};
///
/// let fabrikam = "eeeeffff-4444-aaaa-5555-bbbb6666cccc";
/// let settings = Settings::default()
///     .with_tenant(Tenant::new(fabrikam).with_domain("fabrikam.com"))
///     .with_application(Application::new("aaaabbbb-6666-cccc-7777-dddd8888eeee").in_tenant(fabrikam).with_secret("a secret"))
///     .with_key_vault(KeyVault::new("fabrikam").in_tenant(fabrikam).with_secret("greeting", "hello"))
///     .with_fault(FaultSettings::response(503).at(ServiceName::Imds).times(2));
/// assert_eq!(settings.tenants.len(), 2);
/// ```
impl Settings {
    /// Adds a tenant.
    pub fn with_tenant(mut self, tenant: Tenant) -> Settings {
        self.tenants.push(tenant);
        self
    }

    /// Adds an application.
    pub fn with_application(mut self, application: Application) -> Settings {
        self.applications.push(application);
        self
    }

    /// Adds a user.
    pub fn with_user(mut self, user: User) -> Settings {
        self.users.push(user);
        self
    }

    /// Adds a user-assigned identity to the virtual machine and the other hosts.
    pub fn with_managed_identity(mut self, identity: ManagedIdentity) -> Settings {
        self.virtual_machine.user_assigned.push(identity);
        self
    }

    /// Adds a key vault.
    pub fn with_key_vault(mut self, vault: KeyVault) -> Settings {
        self.key_vaults.push(vault);
        self
    }

    /// Adds a fault behind the others.
    pub fn with_fault(mut self, fault: FaultSettings) -> Settings {
        self.faults.push(fault);
        self
    }
}

impl Settings {
    /// The tenant with this id; `None` means the first tenant.
    pub fn tenant(&self, id: Option<&str>) -> Option<&Tenant> {
        match id {
            Some(id) => self.tenants.iter().find(|tenant| tenant.id.eq_ignore_ascii_case(id)),
            None => self.tenants.first(),
        }
    }

    /// Whether `tenant` has this id; `None` means the id of the first tenant.
    pub fn is_home(&self, tenant: &Tenant, id: Option<&str>) -> bool {
        self.tenant(id).is_some_and(|home| home.id == tenant.id)
    }

    /// Whether `application` has a service principal in `tenant`.
    pub fn has_service_principal(&self, application: &Application, tenant: &Tenant) -> bool {
        application.multi_tenant || self.is_home(tenant, application.tenant.as_deref())
    }

    /// The user with this object id.
    pub fn user(&self, oid: &str) -> Option<&User> {
        self.users.iter().find(|user| user.oid == oid)
    }

    /// Every secret in the settings, as (its description, the secret).
    pub fn secrets(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut add = |description: &str, secret: &str| all.push((description.to_owned(), secret.to_owned()));
        for it in &self.applications {
            let description = format!("client secret of {}", it.client_id);
            it.secrets.iter().chain(&it.expired_secrets).for_each(|secret| add(&description, secret));
        }
        for it in &self.users {
            let description = format!("refresh token of {}", it.oid);
            it.refresh_tokens.iter().for_each(|token| add(&description, &token.token));
            it.password.iter().for_each(|password| add("password", password));
        }
        add("the host's header", &self.managed_hosts.header);
        add("the agent's key", &self.managed_hosts.arc_key);
        add("System.AccessToken", &self.pipelines.system_access_token);
        for secret in self.key_vaults.iter().flat_map(|vault| &vault.secrets) {
            add(&format!("secret {}", secret.name), &secret.value);
        }
        all
    }
}
