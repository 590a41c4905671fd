//! `POST /{tenant}/oauth2/v2.0/token`.
//!
//! To add a grant: a file beside this one, a type that implements [`Grant`], one line in `GRANTS`.
//! To add a way for clients to prove themselves: see [`super::client_authentication`].

use super::Visit;
use super::authorization_code::AuthorizationCode;
use super::claims::RequestedClaims;
use super::client_credentials::ClientCredentials;
use super::device_code::DeviceCode;
use super::error::EntraError;
use super::form::Form;
use super::on_behalf_of::OnBehalfOf;
use super::password::Password;
use super::refresh_token::RefreshToken;
use super::success::Granted;
use super::tenant::{self, Addressed};
use super::{application, client_authentication};
use crate::reply::Reply;
use crate::resources::{self, Resource};
use crate::settings::{Application, Tenant};
use crate::state::State;

/// THE LIST of grants.
const GRANTS: &[&dyn Grant] =
    &[&AuthorizationCode, &ClientCredentials, &DeviceCode, &OnBehalfOf, &Password, &RefreshToken];

/// A way to get a token.
pub trait Grant: Sync {
    /// The `grant_type` it is asked by.
    fn grant_type(&self) -> &'static str;

    /// Decides what the request is given. The client has proved itself already.
    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError>;
}

/// A request to the token endpoint, of a client that exists and has proved itself.
pub struct TokenRequest<'a> {
    /// Where it came to.
    pub visit: &'a Visit<'a>,
    /// Its parameters.
    pub form: Form,
    /// The tenant it addresses.
    pub tenant: Addressed<'a>,
    /// The client.
    pub application: Application,
    /// How the client proved itself, as `appidacr`.
    pub authenticated_by: &'static str,
    /// What it says of claims.
    pub claims: RequestedClaims,
}

/// Answers a visit of the token endpoint.
pub fn answer(visit: &Visit) -> Reply {
    let reply = issue(visit).unwrap_or_else(|error| error.reply(visit));
    reply.header("cache-control", "no-store, no-cache").header("pragma", "no-cache")
}

/// The checks, in the order of the real service.
fn issue(visit: &Visit) -> Result<Reply, EntraError> {
    let form = Form::read(visit.call)?;
    form.required("grant_type")?;
    let tenant = tenant::addressed(visit)?;
    let application = application::find(&visit.state.settings, tenant, form.required("client_id")?)?;
    let authenticated_by = client_authentication::check(visit, &form, &application)?;
    let grant_type = form.required("grant_type")?;
    let grant = GRANTS.iter().find(|grant| grant.grant_type() == grant_type);
    let grant = grant.ok_or_else(|| EntraError::unsupported_grant(grant_type))?;
    let claims = RequestedClaims::read(form.get("claims"))?;
    let request = TokenRequest { visit, form, tenant, application, authenticated_by, claims };
    let granted = grant.redeem(&request)?;
    Ok(granted.reply(&request))
}

impl<'a> TokenRequest<'a> {
    /// What all fakes share.
    pub fn state(&self) -> &'a State {
        self.visit.state
    }

    /// Finds the resource and satisfies its policies.
    pub fn resource(&self, tenant: &Tenant, name: &str) -> Result<Resource, EntraError> {
        let settings = &self.state().settings;
        let not_found = || EntraError::resource_not_found(name, &tenant.name);
        let resource = resources::find(settings, tenant, name).ok_or_else(not_found)?;
        self.claims.satisfy(&settings.challenges, name)?;
        Ok(resource)
    }
}
