//! The applications a tenant knows.

use super::error::EntraError;
use super::tenant::Addressed;
use crate::settings::{Application, Settings};

/// The client id of the Azure CLI.
pub const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// Microsoft's own public clients: every tenant knows them, and they share refresh tokens.
const FIRST_PARTY: &[&str] = &[
    AZURE_CLI,
    "1950a258-227b-4e31-a9cf-717495945fc2", // Azure PowerShell
    "872cd9fa-d31f-45e0-9eab-6e460a02d1f1", // Visual Studio
    "aebc6443-996d-45c2-90f0-388ff96faa56", // Visual Studio Code
];

/// Finds the application that a client id means in a tenant.
pub fn find(settings: &Settings, tenant: Addressed, client_id: &str) -> Result<Application, EntraError> {
    let registered = settings.applications.iter().filter(|it| it.client_id.eq_ignore_ascii_case(client_id));
    let mut all = registered.cloned().chain(first_party(client_id)).peekable();
    let known = all.peek().is_some();
    let here = |it: &Application| match tenant {
        Addressed::One(tenant) => settings.has(it, tenant),
        Addressed::HomeOfUser => it.multi_tenant,
    };
    let found = all.find(here);
    found.ok_or_else(|| match tenant {
        Addressed::HomeOfUser if known => EntraError::single_tenant_application(client_id),
        Addressed::HomeOfUser => EntraError::client_not_found(client_id, "Microsoft"),
        Addressed::One(tenant) => EntraError::client_not_found(client_id, &tenant.name),
    })
}

impl Application {
    /// The object id of its service principal.
    pub fn object_id(&self) -> String {
        let derived = || format!("0b1ec700{}", self.client_id.get(8..).unwrap_or_default());
        self.object_id.clone().unwrap_or_else(derived)
    }

    /// Whether it never had a credential ("Public client and confidential client applications").
    pub fn is_public(&self) -> bool {
        self.secrets.is_empty()
            && self.expired_secrets.is_empty()
            && self.federated_credentials.is_empty()
            && self.certificates.is_empty()
    }
}

fn first_party(client_id: &str) -> Option<Application> {
    let client_id = FIRST_PARTY.iter().find(|it| it.eq_ignore_ascii_case(client_id))?;
    Some(Application {
        client_id: (*client_id).into(),
        multi_tenant: true,
        family: true,
        ..Application::default()
    })
}
