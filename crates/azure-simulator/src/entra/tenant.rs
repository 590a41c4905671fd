//! The tenant in the path.

use super::Visit;
use super::error::EntraError;
use crate::settings::Tenant;

/// Whom a request's path addresses.
#[derive(Clone, Copy, Debug)]
pub enum Addressed<'a> {
    /// One tenant.
    One(&'a Tenant),
    /// The home of whoever signs in: `common`, `organizations`, `consumers`.
    HomeOfUser,
}

/// Reads the tenant of a visit.
pub fn addressed<'a>(visit: &Visit<'a>) -> Result<Addressed<'a>, EntraError> {
    let name = visit.tenant;
    if ["common", "organizations", "consumers"].contains(&name) {
        return Ok(Addressed::HomeOfUser);
    }
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)) {
        return Err(EntraError::malformed_tenant(name));
    }
    let called = |tenant: &&Tenant| {
        let mut names = tenant.domains.iter().chain([&tenant.id]);
        names.any(|it| it.eq_ignore_ascii_case(name)) && tenant.cloud == visit.cloud
    };
    let tenant = visit.state.settings.tenants.iter().find(called);
    tenant.map(Addressed::One).ok_or_else(|| EntraError::tenant_not_found(name))
}
