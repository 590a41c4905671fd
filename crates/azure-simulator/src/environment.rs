//! The environment variables that point a credential to the simulator.

use std::net::SocketAddr;

use crate::settings::{CLIENT_SECRET, Settings};

/// The variables for the Azure that `settings` describe, at `address`: those of a virtual machine's managed identity, of
/// App Service's, and of a service principal.
///
/// The client is the first application, in the first tenant. `AZURE_CLIENT_SECRET` is among the variables if the
/// application has the default secret.
pub fn environment(address: SocketAddr, settings: &Settings) -> Vec<(String, String)> {
    let base_url = format!("http://{address}");
    let mut variables = vec![
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", base_url.clone()),
        ("IDENTITY_ENDPOINT", format!("{base_url}/msi/token")),
        ("IDENTITY_HEADER", settings.managed_hosts.header.clone()),
        ("AZURE_AUTHORITY_HOST", base_url),
    ];
    if let (Some(tenant), Some(application)) = (settings.tenants.first(), settings.applications.first()) {
        variables.push(("AZURE_TENANT_ID", tenant.id.clone()));
        variables.push(("AZURE_CLIENT_ID", application.client_id.clone()));
        if application.secrets.iter().any(|it| it == CLIENT_SECRET) {
            variables.push(("AZURE_CLIENT_SECRET", CLIENT_SECRET.to_owned()));
        }
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
