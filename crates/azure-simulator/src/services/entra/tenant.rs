//! The tenant in a path.

use super::endpoint_request::EndpointRequest;
use super::error::EntraError;
use crate::settings::Tenant;

/// The tenant that the first segment of a path names.
#[derive(Clone, Copy, Debug)]
pub enum TenantInPath<'a> {
    /// One tenant, by its id or a domain name.
    One(&'a Tenant),
    /// `common`, `organizations` or `consumers`: the home tenant of the user who signs in.
    HomeOfUser,
}

/// Finds the tenant of a request.
pub fn in_path<'a>(request: &EndpointRequest<'a>) -> Result<TenantInPath<'a>, EntraError> {
    let name = request.tenant;
    if ["common", "organizations", "consumers"].contains(&name) {
        return Ok(TenantInPath::HomeOfUser);
    }
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)) {
        return Err(EntraError::malformed_tenant(name));
    }
    let is_named = |tenant: &&Tenant| {
        let mut names = tenant.domains.iter().chain([&tenant.id]);
        names.any(|it| it.eq_ignore_ascii_case(name)) && tenant.cloud == request.cloud
    };
    let tenant = request.state.settings.tenants.iter().find(is_named);
    tenant.map(TenantInPath::One).ok_or_else(|| EntraError::tenant_not_found(name))
}
