//! What a grant type implements, and what it is given.

use super::claims::RequestedClaims;
use super::endpoint_request::EndpointRequest;
use super::error::EntraError;
use super::form::Form;
use super::scope::Scope;
use super::tenant::TenantInPath;
use crate::resources::{self, Resource};
use crate::settings::{Application, Tenant, User};
use crate::state::State;
use crate::token::Appidacr;

/// A grant type.
pub trait Grant: Sync {
    /// The value of the parameter `grant_type`.
    fn grant_type(&self) -> &'static str;

    /// Decides which token the request receives. The client is authenticated already.
    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError>;
}

/// A request to the token endpoint of an authenticated client.
pub struct TokenRequest<'a> {
    /// The request to the endpoint.
    pub endpoint: &'a EndpointRequest<'a>,
    /// The fields of the form.
    pub form: Form,
    /// The tenant in the path.
    pub tenant: TenantInPath<'a>,
    /// The client.
    pub application: Application,
    /// How the client authenticated.
    pub appidacr: Appidacr,
    /// The parameter `claims`.
    pub claims: RequestedClaims,
}

/// What a grant decided.
pub struct Granted<'a> {
    /// The tenant that issues the token.
    pub tenant: &'a Tenant,
    /// The granted scope.
    pub scope: Scope,
    /// The resource that the token is for.
    pub resource: Resource,
    /// The user; `None`: the token is the application's own.
    pub user: Option<&'a User>,
    /// Whether a new refresh token can be redeemed by the whole family of first-party clients.
    pub family: bool,
}

impl<'a> TokenRequest<'a> {
    /// What all services share.
    pub fn state(&self) -> &'a State {
        self.endpoint.state
    }

    /// Finds the resource called `name`, and fails if a policy requires claims that the request does not contain.
    pub fn resource(&self, tenant: &Tenant, name: &str) -> Result<Resource, EntraError> {
        let settings = &self.state().settings;
        let not_found = || EntraError::resource_not_found(name, &tenant.name);
        let resource = resources::find(settings, tenant, name).ok_or_else(not_found)?;
        self.claims.satisfy(&settings.challenges, name)?;
        Ok(resource)
    }

    /// The tenant that issues a token for `user`: the tenant in the path if the user is in it, or the user's home tenant if
    /// the path leaves it to the user.
    pub fn tenant_of(&self, user: &User) -> Result<&'a Tenant, EntraError> {
        let home = self.state().settings.tenant(user.tenant.as_deref());
        match self.tenant {
            TenantInPath::HomeOfUser => home.ok_or_else(EntraError::no_tenant),
            TenantInPath::One(tenant) => {
                let is_home = home.is_some_and(|home| home.id == tenant.id);
                let is_guest = user.guest_of.iter().any(|id| id.eq_ignore_ascii_case(&tenant.id));
                if is_home || is_guest {
                    return Ok(tenant);
                }
                let client_id = &self.application.client_id;
                Err(EntraError::user_not_in_tenant(&user.username, &tenant.name, client_id))
            }
        }
    }
}
