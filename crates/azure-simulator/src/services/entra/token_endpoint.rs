//! `POST /{tenant}/oauth2/v2.0/token`.
//!
//! To add a grant type: a file in this folder with a type that implements [`Grant`], and a line in `GRANTS`.

use super::authorization_code::AuthorizationCodeGrant;
use super::claims::RequestedClaims;
use super::client_credentials::ClientCredentialsGrant;
use super::device_code::DeviceCodeGrant;
use super::endpoint_request::EndpointRequest;
use super::error::EntraError;
use super::form::Form;
use super::grant::{Grant, TokenRequest};
use super::on_behalf_of::OnBehalfOfGrant;
use super::password::PasswordGrant;
use super::refresh_token::RefreshTokenGrant;
use super::token_response::token_response;
use super::{application, client_authentication, tenant};
use crate::reply::Reply;

/// The supported grant types.
const GRANTS: &[&dyn Grant] = &[
    &AuthorizationCodeGrant,
    &ClientCredentialsGrant,
    &DeviceCodeGrant,
    &OnBehalfOfGrant,
    &PasswordGrant,
    &RefreshTokenGrant,
];

/// Handles a request to the token endpoint.
pub fn reply(request: &EndpointRequest) -> Reply {
    let reply = issue(request).unwrap_or_else(|error| request.error_reply(&error));
    reply.header("cache-control", "no-store, no-cache").header("pragma", "no-cache")
}

/// Issues the tokens. The checks are in the order of the real service.
fn issue(endpoint: &EndpointRequest) -> Result<Reply, EntraError> {
    let form = Form::parse(endpoint.http)?;
    form.required("grant_type")?;
    let tenant = tenant::in_path(endpoint)?;
    let settings = &endpoint.state.settings;
    let application = application::find(settings, tenant, form.required("client_id")?)?;
    let appidacr = client_authentication::authenticate(endpoint, &form, &application)?;
    let grant_type = form.required("grant_type")?;
    let grant = GRANTS.iter().find(|grant| grant.grant_type() == grant_type);
    let grant = grant.ok_or_else(|| EntraError::unsupported_grant(grant_type))?;
    let claims = RequestedClaims::parse(form.get("claims"))?;
    let request = TokenRequest { endpoint, form, tenant, application, appidacr, claims };
    let granted = grant.redeem(&request)?;
    Ok(token_response(&granted, &request))
}
