//! The environment variables that point a credential to the simulator.

use std::net::SocketAddr;

use crate::settings::{CLIENT_SECRET, Settings};

/// The variables for the Azure that `settings` describe, at `address`: those of a virtual machine's managed identity, of
/// App Service's, and of a service principal.
///
/// The service principal is that of [`service_principal`].
pub fn environment(address: SocketAddr, settings: &Settings) -> Vec<(String, String)> {
    let base_url = format!("http://{address}");
    let variables = [
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", base_url.clone()),
        ("IDENTITY_ENDPOINT", format!("{base_url}/msi/token")),
        ("IDENTITY_HEADER", settings.managed_hosts.header.clone()),
        ("AZURE_AUTHORITY_HOST", base_url),
    ];
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value));
    variables.chain(service_principal(settings)).collect()
}

/// The variables of a service principal: the first application, in the first tenant. The client's secret is among them if the
/// application has the default one.
pub fn service_principal(settings: &Settings) -> Vec<(String, String)> {
    let (Some(tenant), Some(application)) = (settings.tenants.first(), settings.applications.first()) else {
        return Vec::new();
    };
    let mut variables =
        vec![("AZURE_TENANT_ID", tenant.id.as_str()), ("AZURE_CLIENT_ID", application.client_id.as_str())];
    if application.secrets.iter().any(|it| it == CLIENT_SECRET) {
        variables.push(("AZURE_CLIENT_SECRET", CLIENT_SECRET));
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
