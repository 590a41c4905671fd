//! The resources (APIs) that tokens can be asked for.

use super::settings::{Application, Settings, Tenant, TokenVersion};

/// The resources there are by default: those that apps ask for most, with the spellings in use.
pub const KNOWN: &[&str] = &[
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://management.usgovcloudapi.net",
    "https://management.core.usgovcloudapi.net",
    "https://management.chinacloudapi.cn",
    "https://management.core.chinacloudapi.cn",
    "https://vault.azure.net",
    "https://vault.usgovcloudapi.net",
    "https://vault.azure.cn",
    "https://managedhsm.azure.net",
    "https://storage.azure.com",
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
    "https://database.windows.net",
    "https://ossrdbms-aad.database.windows.net",
    "https://servicebus.azure.net",
    "https://eventhubs.azure.net",
    "https://cosmos.azure.com",
    "https://azconfig.io",
    "https://containerregistry.azure.net",
    "https://cognitiveservices.azure.com",
    "https://ai.azure.com",
    "https://search.azure.com",
    "https://monitor.azure.com",
    "https://api.loganalytics.io",
    "https://batch.core.windows.net",
];

/// A resource that exists in the tenant.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The `aud` of its tokens.
    pub audience: String,
    /// The format of its tokens.
    pub version: TokenVersion,
}

/// What managed identities ask for to use their token as another application's credential, and the
/// audience it then has ("Configure an application to trust a managed identity").
pub const TOKEN_EXCHANGE: (&str, &str) =
    ("api://AzureADTokenExchange", "fb60f99c-7a34-4190-8149-302f77469936");

/// Finds the resource that is called `name` in `tenant`.
///
/// A final slash is no difference for finding it, but stays in the audience of a version 1 token:
/// "`aud` … the value is what the client asked for" ("Access token claims reference").
pub fn find(settings: &Settings, tenant: &Tenant, name: &str) -> Option<Resource> {
    if settings.resources.iter().any(|it| same(it, name)) {
        return Some(Resource { audience: name.to_owned(), version: TokenVersion::V1 });
    }
    if same(TOKEN_EXCHANGE.0, name) {
        return Some(Resource { audience: TOKEN_EXCHANGE.1.to_owned(), version: TokenVersion::V2 });
    }
    let owner = settings.applications.iter().find(|it| settings.has(it, tenant) && is_called(it, name))?;
    let audience = match owner.token_version {
        TokenVersion::V1 => name.to_owned(),
        TokenVersion::V2 => owner.client_id.clone(),
    };
    Some(Resource { audience, version: owner.token_version })
}

/// Whether two names mean one resource.
pub fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// Whether an application's own API is called `name`.
pub fn is_called(application: &Application, name: &str) -> bool {
    let by_id = [application.client_id.clone(), format!("api://{}", application.client_id)];
    application.identifier_uris.iter().chain(&by_id).any(|it| same(it, name))
}
