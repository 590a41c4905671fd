//! The applications of a tenant.

use super::error::EntraError;
use super::tenant::TenantInPath;
use crate::settings::{AZURE_CLI, Application, Settings};

/// Microsoft's own public clients, which exist in every tenant and share refresh tokens.
const FIRST_PARTY: &[&str] = &[
    AZURE_CLI,
    "1950a258-227b-4e31-a9cf-717495945fc2", // Azure PowerShell
    "872cd9fa-d31f-45e0-9eab-6e460a02d1f1", // Visual Studio
    "aebc6443-996d-45c2-90f0-388ff96faa56", // Visual Studio Code
];

/// Finds the application with this client id in a tenant.
pub fn find(settings: &Settings, tenant: TenantInPath, client_id: &str) -> Result<Application, EntraError> {
    let registered = settings.applications.iter().filter(|it| it.client_id.eq_ignore_ascii_case(client_id));
    let mut all = registered.cloned().chain(first_party(client_id)).peekable();
    let exists = all.peek().is_some();
    let is_in_tenant = |it: &Application| match tenant {
        TenantInPath::One(tenant) => settings.has_service_principal(it, tenant),
        TenantInPath::HomeOfUser => it.multi_tenant,
    };
    let found = all.find(is_in_tenant);
    found.ok_or_else(|| match tenant {
        TenantInPath::HomeOfUser if exists => EntraError::single_tenant_application(client_id),
        TenantInPath::HomeOfUser => EntraError::client_not_found(client_id, "Microsoft"),
        TenantInPath::One(tenant) => EntraError::client_not_found(client_id, &tenant.name),
    })
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
