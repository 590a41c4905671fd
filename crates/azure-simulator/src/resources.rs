//! Which resource (API) a request names.

use crate::settings::{Application, Settings, TOKEN_EXCHANGE_AUDIENCE, Tenant, TokenVersion};

/// A resource that exists in a tenant.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The `aud` of its tokens.
    pub audience: String,
    /// The format of its tokens.
    pub version: TokenVersion,
}

/// The `aud` of a token for [`TOKEN_EXCHANGE_AUDIENCE`] ("Configure an application to trust a managed identity").
pub const TOKEN_EXCHANGE_APP_ID: &str = "fb60f99c-7a34-4190-8149-302f77469936";

/// Finds the resource called `name` in `tenant`.
///
/// A final slash is not compared, but stays in the audience of a version 1 token ("Access token claims reference": the
/// value of `aud` is what the client requested).
pub fn find(settings: &Settings, tenant: &Tenant, name: &str) -> Option<Resource> {
    if settings.resources.iter().any(|it| same(it, name)) {
        return Some(Resource { audience: name.to_owned(), version: TokenVersion::V1 });
    }
    if same(TOKEN_EXCHANGE_AUDIENCE, name) {
        return Some(Resource { audience: TOKEN_EXCHANGE_APP_ID.to_owned(), version: TokenVersion::V2 });
    }
    let mut applications = settings.applications.iter();
    let owner = applications.find(|it| settings.has_service_principal(it, tenant) && is_api_of(it, name))?;
    let audience = match owner.token_version {
        TokenVersion::V1 => name.to_owned(),
        TokenVersion::V2 => owner.client_id.clone(),
    };
    Some(Resource { audience, version: owner.token_version })
}

/// Whether two names mean the same resource.
pub fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// Whether `name` is the client id or an application ID URI of `application`.
pub fn is_api_of(application: &Application, name: &str) -> bool {
    let by_id = [application.client_id.clone(), format!("api://{}", application.client_id)];
    application.identifier_uris.iter().chain(&by_id).any(|it| same(it, name))
}
