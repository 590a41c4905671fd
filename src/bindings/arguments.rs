//! What callers hand over, checked.

use super::INSTANCE;
use super::exports::azure::identity::credentials as wit;
use crate::entra::proof::{NoProof, Proof, SharedSecret};
use crate::entra::{self, Client};
use crate::error::Error;
use crate::http::Url;
use crate::prelude::*;
use crate::sources::authorization_code::{self, App};
use crate::sources::managed_identity;
use crate::token::Secret;
use alloc::rc::Rc;

/// A client of Microsoft Entra.
pub fn client(
    source: &'static str,
    tenant_id: String,
    client_id: String,
    options: wit::ClientOptions,
) -> Result<Client, Error> {
    entra::check_ids(source, ("tenant-id", "client-id"), &tenant_id, &client_id)?;
    let authority = match options.authority.filter(|authority| !authority.trim().is_empty()) {
        Some(authority) => Url::parse_authority(&authority)
            .map_err(|error| Error::invalid(source, format_args!("authority {error}")))?,
        None => entra::authority_of_environment(&INSTANCE.0.host, source)?,
    };
    if options.region.is_some_and(|region| !region.trim().is_empty()) {
        return Err(Error::other(source, "regional endpoints are not implemented yet; leave region out"));
    }
    Ok(Client {
        source,
        authority,
        tenant_id,
        client_id,
        allowed_tenants: options.additionally_allowed_tenants,
    })
}

/// What a confidential client proves itself by.
pub fn client_authentication(
    source: &'static str,
    authentication: wit::ClientAuthentication,
) -> Result<Rc<dyn Proof>, Error> {
    let what = match authentication {
        wit::ClientAuthentication::Secret(secret) => {
            return Ok(Rc::new(SharedSecret::new(source, Secret::from(secret))?));
        }
        wit::ClientAuthentication::Certificate(_) => "a certificate", // TO BE REPLACED by the proof
        wit::ClientAuthentication::Assertion(_) => "an assertion",    // TO BE REPLACED by the proof
    };
    Err(Error::other(source, format_args!("{what} is not implemented here yet; authenticate by a secret")))
}

/// An app that users sign in to.
pub fn app(options: wit::AuthorizationCodeOptions) -> Result<App, Error> {
    const NAME: &str = authorization_code::NAME;
    let client = client(NAME, options.tenant_id, options.client_id, options.options)?;
    let proof = match options.client {
        Some(authentication) => client_authentication(NAME, authentication)?,
        None => Rc::new(NoProof),
    };
    App::new(client, proof, options.redirect_uri)
}

/// A user-assigned identity.
pub fn user_assigned(identity: wit::UserAssigned) -> Result<managed_identity::UserAssigned, Error> {
    match identity {
        wit::UserAssigned::ClientId(id) => managed_identity::UserAssigned::ClientId(id),
        wit::UserAssigned::ObjectId(id) => managed_identity::UserAssigned::ObjectId(id),
        wit::UserAssigned::ResourceId(id) => managed_identity::UserAssigned::ResourceId(id),
    }
    .parse()
}
